#include "transport/wait.hpp"

#include <fmt/format.h>

namespace rlx::transport {

std::string list_ranks(const std::vector<uint32_t>& ranks) {
  return fmt::format("{}", fmt::join(ranks, ", "));
}

void choose_patience(MemoryRank& self) {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int cores = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  const bool core_each = self.world <= static_cast<uint32_t>(cores);
  // A pause takes 15 to 40 ns. A few microseconds are more than a step of a collective takes; whoever lets a rank wait
  // longer has lost its core, perhaps to this very rank. With fewer cores than ranks that is the rule.
  self.spins = core_each ? 100 : 1;
  self.polls = core_each ? 8 : 1;
  self.yields = 100;
}

void fail_group(MemoryRank& self, Code code, uint32_t culprit) {
  Header& header = self.segment.header();
  uint64_t none = 0;
  header.failure.compare_exchange_strong(none, uint64_t{static_cast<uint32_t>(code)} << 32 | (culprit + 1));
  // Not self.world: a rank that brings another size tells the others so with this.
  for (uint32_t r = 0; r < header.world; ++r) {
    Place& place = self.segment.place(r);
    place.doorbell.fetch_add(1, std::memory_order_seq_cst);
    futex_wake(place.doorbell, self.shared);
  }
  futex_wake(header.epoch, self.shared);
  futex_wake(header.attached, self.shared);
}

Error failure_of(const MemoryRank& self, std::string_view what) {
  const uint64_t failure = self.segment.header().failure.load(std::memory_order_acquire);
  const auto code = static_cast<Code>(failure >> 32);
  const auto culprit = static_cast<uint32_t>(failure) - 1;
  Error e;
  e.code = code;
  e.flags = RLX_STATUS_STICKY;
  if (code == Code::kPeerLost)
    e.message = fmt::format("{}: rank {} of {} in group '{}' is lost", what, culprit, self.world, self.group);
  else if (code == Code::kDeadlineExceeded)
    e.message =
        fmt::format("{}: rank {} of {} in group '{}' did not arrive in time", what, culprit, self.world, self.group);
  else
    e.message = fmt::format("{}: group '{}' failed with {} because of rank {} of {}", what, self.group, code_name(code),
                            culprit, self.world);
  return e;
}

Status find_lost(MemoryRank& self, std::string_view what, const std::vector<uint32_t>& missing) {
  const auto gone = [&](uint32_t rank) -> Status {
    fail_group(self, Code::kPeerLost, rank);
    return tl::unexpected<Error>(failure_of(self, what));
  };
  for (uint32_t r : missing)
    if (self.segment.place(r).presence.load(std::memory_order_acquire) == Presence::kLeft) return gone(r);
  const auto is_here = [&](uint32_t rank) {
    const Presence presence = self.segment.place(rank).presence.load(std::memory_order_acquire);
    return presence == Presence::kJoining || presence == Presence::kAttached;
  };
  // Asked again because it may have left in an orderly way between the two looks.
  for (uint32_t r = 0; r < self.world; ++r)
    if (is_here(r) && !self.is_alive(r) && is_here(r)) return gone(r);
  return {};
}

tl::unexpected<Error> timed_out(const MemoryRank& self, std::string_view what, const std::vector<uint32_t>& missing) {
  if (missing.empty())
    return fail(Code::kDeadlineExceeded, "{}: nothing arrived in time in group '{}'", what, self.group);
  return fail(Code::kDeadlineExceeded, "{}: rank{} {} of {} in group '{}' did not arrive in time", what,
              missing.size() > 1 ? "s" : "", list_ranks(missing), self.world, self.group);
}

}  // namespace rlx::transport
