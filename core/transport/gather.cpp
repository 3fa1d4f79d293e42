#include "transport/gather.hpp"

#include <fmt/format.h>

namespace rlx::transport {

Status check_options(const rlx_rank_options& options, Layout& out_layout) {
  if (options.world_size == 0 || options.world_size > kMaxWorld)
    return fail(Code::kInvalidArgument, "attach: world size {} is not in 1..{}", options.world_size, kMaxWorld);
  if (options.rank >= options.world_size)
    return fail(Code::kInvalidArgument, "attach: rank {} in a world of {}", options.rank, options.world_size);
  if (!compute_layout(options.world_size, options.heap_bytes, out_layout))
    return fail(Code::kResourceExhausted, "attach: {} heaps of {} bytes exceed the address space", options.world_size,
                options.heap_bytes);
  return {};
}

void make_header(const Segment& segment, const rlx_rank_options& options, const Layout& layout) {
  Header& header = segment.header();
  header.layout = kLayout;
  header.abi_major = RLX_ABI_MAJOR;
  header.abi_minor = RLX_ABI_MINOR;
  header.world = options.world_size;
  header.heap_bytes = options.heap_bytes;
  header.heap_stride = layout.heap_stride;
  header.heaps_at = layout.heaps_at;
  header.total_bytes = layout.total_bytes;
  header.magic.store(kMagic, std::memory_order_release);
}

namespace {
Status check_free(const MemoryRank& self) {
  if (self.own().presence.load(std::memory_order_acquire) == Presence::kAbsent) return {};
  return error(Code::kAlreadyExists, fmt::format("attach: rank {} of group '{}' is taken", self.rank, self.group),
               "give each job a group name of its own");
}
}  // namespace

Status check_header(MemoryRank& self, const rlx_rank_options& options) {
  const Header& header = self.segment.header();
  const auto refuse = [&](Code code, std::string message) -> Status {
    fail_group(self, code, self.rank);
    return error(code, std::move(message));
  };
  if (self.rank < header.world) RLX_TRY(check_free(self));
  if (header.world != options.world_size)
    return refuse(Code::kInvalidArgument, fmt::format("attach: rank {} brings world size {}, group '{}' has {}",
                                                      self.rank, options.world_size, self.group, header.world));
  if (header.heap_bytes != options.heap_bytes)
    return refuse(Code::kInvalidArgument, fmt::format("attach: rank {} brings a heap of {} bytes, group '{}' has {}",
                                                      self.rank, options.heap_bytes, self.group, header.heap_bytes));
  if (header.failure.load(std::memory_order_acquire)) return tl::unexpected<Error>(failure_of(self, "attach"));
  return {};
}

void take_place(MemoryRank& self) {
  self.own().presence.store(Presence::kJoining, std::memory_order_release);
}

void arrive(MemoryRank& self, const std::function<void()>& close) {
  Header& header = self.segment.header();
  self.own().presence.store(Presence::kAttached, std::memory_order_release);
  if (header.attached.fetch_add(1, std::memory_order_seq_cst) + 1 < self.world) return;
  close();
  header.complete.store(1, std::memory_order_seq_cst);
  futex_wake(header.attached, self.shared);
}

Status await_all(MemoryRank& self, uint64_t deadline_ns) {
  Header& header = self.segment.header();
  const auto done = [&] { return header.complete.load(std::memory_order_seq_cst) != 0; };
  const auto missing = [&] {
    std::vector<uint32_t> ranks;
    for (uint32_t r = 0; r < self.world; ++r)
      if (self.segment.place(r).presence.load(std::memory_order_acquire) != Presence::kAttached) ranks.push_back(r);
    return ranks;
  };
  return wait_until(self, "attach", {header.attached, header.gather_sleepers}, deadline_ns, done, missing);
}

bool give_up_place(MemoryRank& self) {
  Header& header = self.segment.header();
  if (header.complete.load(std::memory_order_acquire)) return false;
  if (self.own().presence.exchange(Presence::kAbsent, std::memory_order_acq_rel) == Presence::kAttached)
    header.attached.fetch_sub(1, std::memory_order_seq_cst);
  return true;
}

void leave(MemoryRank& self) {
  self.own().presence.store(Presence::kLeft, std::memory_order_release);
  for (uint32_t r = 0; r < self.world; ++r) {
    Place& place = self.segment.place(r);
    if (place.sleepers.load(std::memory_order_seq_cst) == 0) continue;
    place.doorbell.fetch_add(1, std::memory_order_seq_cst);
    futex_wake(place.doorbell, self.shared);
  }
  futex_wake(self.segment.header().epoch, self.shared);
}

}  // namespace rlx::transport
