// The one way in which ranks wait: poll, then yield the core, then sleep on a word until somebody changes it. Sleeps
// are short enough to look after the peers in between, so that a death shows without anybody reporting it.
#pragma once

#include "transport/deadline.hpp"
#include "transport/futex.hpp"
#include "transport/memory_rank.hpp"

#include <sched.h>
#include <algorithm>

namespace rlx::transport {

// The group's peers are asked after at this interval.
inline constexpr uint64_t kLookNs = 10'000'000;

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

struct WaitWord {
  std::atomic<uint32_t>& word;      // changes when done() may have become true
  std::atomic<uint32_t>& sleepers;  // > 0: whoever changes something must wake
};

// An error if one of the ranks is gone and the group with it: a rank that died (whichever), or one of the missing that
// left. `missing` lists the ranks that done() needs.
Status find_lost(MemoryRank& self, std::string_view what, const std::vector<uint32_t>& missing);
tl::unexpected<Error> timed_out(const MemoryRank& self, std::string_view what, const std::vector<uint32_t>& missing);

// Returns as soon as done(). Errors: the group's failure, PEER_LOST, DEADLINE_EXCEEDED naming missing(). done() loads
// with seq_cst: it pairs with the store and the look at `sleepers` of the one who wakes.
template <typename Done, typename Missing>
Status wait_until(MemoryRank& self, std::string_view what, WaitWord on, uint64_t deadline_ns, Done done,
                  Missing missing) {
  if (done()) return {};
  const Deadline deadline(deadline_ns);
  const std::atomic<uint64_t>& failure = self.segment.header().failure;
  if (deadline.waits()) {
    for (uint32_t i = 0; i < self.spins; ++i) {
      relax();
      if (done()) return {};
    }
    for (uint32_t i = 0; i < self.yields && failure.load(std::memory_order_relaxed) == 0; ++i) {
      ::sched_yield();
      for (uint32_t poll = 0; poll < self.polls; ++poll) {
        if (done()) return {};
        relax();
      }
    }
  }
  while (true) {
    const uint32_t seen = on.word.load(std::memory_order_acquire);
    on.sleepers.fetch_add(1, std::memory_order_seq_cst);
    const uint64_t left = deadline.left_ns();
    const bool ready = done();
    const bool broken = failure.load(std::memory_order_acquire) != 0;
    if (!ready && !broken && left) futex_wait(on.word, seen, std::min(left, kLookNs), self.shared);
    on.sleepers.fetch_sub(1, std::memory_order_relaxed);
    if (ready || done()) return {};
    if (broken) return tl::unexpected<Error>(failure_of(self, what));
    const std::vector<uint32_t> absent = missing();
    Status lost = find_lost(self, what, absent);
    // What it did before it went counts.
    if (done()) return {};
    if (!lost) return lost;
    if (left == 0) return timed_out(self, what, absent);
  }
}

}  // namespace rlx::transport
