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
// Longer than any store buffer takes, short beside a scheduler's time slice.
inline constexpr uint64_t kFirstSleepNs = 50'000;

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

// Raises the flag of a rank that is about to sleep.
class Asleep {
 public:
  explicit Asleep(std::atomic<uint32_t>& sleepers) : sleepers_(sleepers) {
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
  }
  ~Asleep() { sleepers_.fetch_sub(1, std::memory_order_relaxed); }
  Asleep(const Asleep&) = delete;
  Asleep& operator=(const Asleep&) = delete;

 private:
  std::atomic<uint32_t>& sleepers_;
};

// An error if one of the ranks is gone and the group with it: a rank that died (whichever), or one of the missing that
// left. `missing` lists the ranks that done() needs.
Status find_lost(MemoryRank& self, std::string_view what, const std::vector<uint32_t>& missing);
tl::unexpected<Error> timed_out(const MemoryRank& self, std::string_view what, const std::vector<uint32_t>& missing);

// Returns as soon as done(). Errors: the group's failure, PEER_LOST, DEADLINE_EXCEEDED naming missing(). done() loads
// with acquire what others store with release: whatever it returns is right without any further order.
//
// A waker stores and then looks at `sleepers` without the fence in between that every message would have to pay for.
// The look may run ahead of the store and miss a rank that lies down at this moment, while that rank, which raises the
// flag before it looks, misses the store. Nothing is lost: stores become visible in finite time whatever a waker reads
// ([intro.progress]), every sleep ends by itself, and done() is asked again after it. So the missed wake costs no more
// than the sleep, and the first one is short: the store of a waker that did not see the flag was under way when the
// flag rose, and by the end of that sleep has long arrived. Later sleeps are long because by then every waker sees the
// flag.
template <typename Done, typename Missing>
Status wait_until(MemoryRank& self, std::string_view what, WaitWord on, uint64_t deadline_ns, Done done,
                  Missing missing) {
  if (done()) return {};
  const std::atomic<uint64_t>& failure = self.segment.header().failure;
  if (deadline_ns != 0) {
    // An answer to a small message is here sooner than a pause ends.
    for (uint32_t i = 0; i < self.spins; ++i)
      if (done()) return {};
    for (uint32_t i = 0; i < self.spins; ++i) {
      relax();
      if (done()) return {};
    }
    for (uint32_t i = 0; i < self.yields && failure.load(std::memory_order_relaxed) == 0; ++i) {
      ::sched_yield();
      if (done()) return {};
      for (uint32_t poll = 1; poll < self.polls; ++poll) {
        relax();
        if (done()) return {};
      }
    }
  }
  // Not before: a look at the clock takes as long as a small message.
  const Deadline deadline(deadline_ns);
  const Asleep asleep(on.sleepers);
  for (uint64_t sleep_ns = kFirstSleepNs;; sleep_ns = kLookNs) {
    const uint32_t seen = on.word.load(std::memory_order_acquire);
    const uint64_t left = deadline.left_ns();
    const bool broken = failure.load(std::memory_order_acquire) != 0;
    if (done()) return {};
    if (broken) return tl::unexpected<Error>(failure_of(self, what));
    if (left) futex_wait(on.word, seen, std::min(left, sleep_ns), self.shared);
    if (done()) return {};
    const std::vector<uint32_t> absent = missing();
    Status lost = find_lost(self, what, absent);
    // What it did before it went counts.
    if (done()) return {};
    if (!lost) return lost;
    if (left == 0) return timed_out(self, what, absent);
  }
}

}  // namespace rlx::transport
