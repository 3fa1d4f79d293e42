#include "wait.hpp"

#include <sched.h>

namespace rlx::mpi {

namespace {
// Rounds without giving the core away: a few microseconds, more than a message takes within a host.
constexpr uint32_t kPatience = 32;

std::string where(const rlx_rank& self) {
  return " of " + std::to_string(self.world) + " in group '" + self.group + "'";
}

// 0: it has not left.
uint64_t left_with(const rlx_rank& self, uint64_t word) {
  return self.own_word(self.control, word).load(std::memory_order_acquire);
}
}  // namespace

std::string list_ranks(const std::vector<uint32_t>& ranks) {
  std::string text;
  for (const uint32_t r : ranks) text += (text.empty() ? "" : ", ") + std::to_string(r);
  return text;
}

sdk::Error timed_out(const rlx_rank& self, const char* call, const std::vector<uint32_t>& missing) {
  if (missing.empty())
    return {RLX_DEADLINE_EXCEEDED, std::string(call) + ": nothing arrived in time in group '" + self.group + "'"};
  return {RLX_DEADLINE_EXCEEDED, std::string(call) + ": rank" + (missing.size() > 1 ? "s " : " ") +
                                     list_ranks(missing) + where(self) + " did not arrive in time"};
}

void check_group(const rlx_rank& self, const char* call) {
  const uint64_t failure = self.own_word(self.control, Control::kFailure).load(std::memory_order_acquire);
  if (failure == 0) return;
  const auto code = static_cast<rlx_code>(failure >> 32);
  const std::string rank = "rank " + std::to_string(static_cast<uint32_t>(failure) - 1) + where(self);
  std::string text = std::string(call) + ": ";
  if (code == RLX_PEER_LOST)
    text += rank + " is lost";
  else if (code == RLX_DEADLINE_EXCEEDED)
    text += rank + " did not arrive in time";
  else
    text += "the group failed with code " + std::to_string(code) + " because of " + rank;
  sdk::Error e(code, std::move(text));
  e.flags = RLX_STATUS_STICKY;
  throw e;
}

bool has_left(const rlx_rank& self, uint32_t peer) {
  return left_with(self, Control::left(peer)) != 0;
}

uint32_t missing_at_barrier(const rlx_rank& self) {
  for (uint32_t r = 0; r < self.world; ++r) {
    const uint64_t left = left_with(self, Control::left(r));
    if (r != self.rank && left != 0 && left - 1 < self.epoch) return r;
  }
  return RLX_ANY_RANK;
}

uint32_t missing_in_collective(const rlx_rank& self) {
  for (uint32_t r = 0; r < self.world; ++r)
    if (r != self.rank && has_left(self, r) && left_with(self, Control::left_collectives(r)) - 1 < self.collectives)
      return r;
  return RLX_ANY_RANK;
}

void progress(rlx_rank& self, uint32_t round) {
  int found = 0;
  // Nobody sends on this communicator; asking lets MPI work.
  check(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, self.comm, &found, MPI_STATUS_IGNORE), "wait", "MPI_Iprobe");
  check(MPI_Win_sync(self.win), "wait", "MPI_Win_sync");
  if (round % kPatience != 0) return;
  mpi_mutex().unlock();
  ::sched_yield();
  mpi_mutex().lock();
}

}  // namespace rlx::mpi
