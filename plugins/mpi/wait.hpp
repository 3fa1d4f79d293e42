// The one way in which ranks wait: ask, let MPI work, look after the group, give the core away.
#pragma once

#include "rank.hpp"

#include <chrono>

namespace rlx::mpi {

// A deadline of the ABI: 0 does not wait, RLX_FOREVER never comes.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  explicit Deadline(uint64_t ns) : ns_(ns), start_(Clock::now()) {}
  bool passed() const {
    return ns_ != RLX_FOREVER && static_cast<uint64_t>(std::chrono::nanoseconds(Clock::now() - start_).count()) >= ns_;
  }

 private:
  uint64_t ns_;
  Clock::time_point start_;
};

// "2, 3"
std::string list_ranks(const std::vector<uint32_t>& ranks);
// "wait_signal: ranks 2, 3 of 4 in group 'x' did not arrive in time"
sdk::Error timed_out(const rlx_rank& self, const char* call, const std::vector<uint32_t>& missing);
// Throws when the group has ended.
void check_group(const rlx_rank& self, const char* call);
// Has it left, whatever it did before?
bool has_left(const rlx_rank& self, uint32_t peer);
// A rank that left without entering the barrier, or the collective, that this one is in; RLX_ANY_RANK if there is none.
uint32_t missing_at_barrier(const rlx_rank& self);
uint32_t missing_in_collective(const rlx_rank& self);
// Lets MPI work on what came in, and gives the lock and the core away now and then.
void progress(rlx_rank& self, uint32_t round);

// True as soon as done(); false at the deadline. Throws the group's failure. is_lost(): a rank that done() needs and
// that has left, or RLX_ANY_RANK; the group ends because of it.
template <typename Done, typename Lost>
bool wait_until(rlx_rank& self, const char* call, uint64_t deadline_ns, Done done, Lost is_lost) {
  if (done()) return true;
  const Deadline deadline(deadline_ns);
  for (uint32_t round = 1;; ++round) {
    progress(self, round);
    if (done()) return true;
    // What a rank did before it left counts, so it is asked first whether it has.
    const uint32_t lost = is_lost();
    if (done()) return true;
    if (lost != RLX_ANY_RANK) end_group(self, RLX_PEER_LOST, lost);
    check_group(self, call);
    if (deadline.passed()) return false;
  }
}

}  // namespace rlx::mpi
