#include "collective/wire.hpp"

#include "status/format.hpp"

namespace rlx::collective {
namespace {

// The line comes while other things are done, in a state in which the store needs nobody's consent any more.
void fetch_for_store(void* line) {
#if defined(__x86_64__)
  asm volatile("prefetchw %0" : : "m"(*static_cast<char*>(line)));
#else
  __builtin_prefetch(line, 1);
#endif
}

}  // namespace

Result<std::shared_ptr<Wire>> Wire::attach(const Transport& transport, RankOptions options, const GroupOptions& group) {
  if (group.chunk_bytes == 0 || group.chunk_bytes % kLine || group.chunk_bytes > uint64_t{4} << 20 ||
      group.chunks < 2 || group.chunks > 4096)
    return fail(Code::kInvalidArgument,
                "process group: {} chunks of {} bytes; 2..4096 chunks of a multiple of 64 up "
                "to 4 MiB",
                group.chunks, group.chunk_bytes);
  auto wire = std::make_shared<Wire>();
  wire->chunk_bytes_ = group.chunk_bytes;
  wire->slot_bytes_ = group.chunk_bytes + kLine;
  wire->chunks_ = group.chunks;
  const uint64_t world = options.world_size, slots = world * wire->chunks_ * wire->slot_bytes_,
                 rest = (world + 2) * kLine + 2 * kStagingBytes;
  if (options.heap_bytes > UINT64_MAX - slots - rest - kLine)
    return fail(Code::kResourceExhausted, "process group: a heap of {} bytes", options.heap_bytes);
  options.heap_bytes = (options.heap_bytes + kLine - 1) / kLine * kLine + slots + rest;
  RLX_ASSIGN(wire->rank_, transport.attach(options));
  RLX_ASSIGN(wire->slots_at_, wire->rank_.allocate(slots));
  RLX_ASSIGN(wire->consumed_at_, wire->rank_.allocate(rest));
  wire->entered_at_ = wire->consumed_at_ + world * kLine;
  wire->guard_at_ = wire->entered_at_ + kLine;
  wire->staging_at_ = wire->guard_at_ + kLine;
  wire->pairs_.resize(options.world_size);
  wire->sources.resize(options.world_size);
  wire->targets.resize(options.world_size);
  wire->reached.resize(options.world_size);
  for (uint32_t peer = 0; peer < options.world_size; ++peer) {
    wire->mapped_.push_back(static_cast<char*>(wire->rank_.peer(peer)));
    const auto link = wire->rank_.link(peer);
    wire->all_mapped_ = wire->all_mapped_ && wire->mapped_.back();
    wire->same_process_ = wire->same_process_ && link && link->same_process;
  }
  return wire;
}

uint64_t Wire::load_own(uint64_t offset) const {
  auto* word = reinterpret_cast<uint64_t*>(static_cast<char*>(rank_.heap()) + offset);
  return std::atomic_ref<uint64_t>(*word).load(std::memory_order_acquire);
}

Status Wire::await_consumed(uint32_t peer, uint64_t number) {
  RLX_TRY(rank_.wait_signal(consumed_at(peer), number, peer));
  pairs_[peer].known_consumed = load_own(consumed_at(peer));
  return {};
}

Status Wire::send_chunk(uint32_t peer, const void* src, uint64_t bytes) {
  Pair& pair = pairs_[peer];
  if (pair.sent - pair.known_consumed == chunks_) RLX_TRY(await_consumed(peer, pair.sent - chunks_ + 1));
  const uint64_t slot = slot_at(rank_.rank(), pair.sent);
  ++pair.sent;
  moved_bytes += bytes;
  RLX_TRY(rank_.put_signal(peer, slot + payload(bytes), src, bytes, slot, pair.sent << kSizeBits | bytes));
  if (char* const heap = mapped_[peer]) {
    char* const next = heap + slot_at(rank_.rank(), pair.sent);
    fetch_for_store(next);
    // Where a payload starts that does not fit behind the signal.
    fetch_for_store(next + kLine);
  }
  return {};
}

Result<const char*> Wire::receive_chunk(uint32_t peer, uint64_t bytes) {
  Pair& pair = pairs_[peer];
  const uint64_t slot = slot_at(peer, pair.received);
  RLX_TRY(rank_.wait_signal(slot, (pair.received + 1) << kSizeBits, peer));
  const uint64_t got = load_own(slot) & ((uint64_t{1} << kSizeBits) - 1);
  if (got != bytes) return fail(Code::kLengthMismatch, "expected {} bytes from rank {}, got {}", bytes, peer, got);
  ++pair.received;
  return static_cast<const char*>(rank_.heap()) + slot + payload(bytes);
}

Status Wire::release_chunk(uint32_t peer) {
  const Pair& pair = pairs_[peer];
  // Half of the ring at a time: a store in the sender's memory costs as much as a small message.
  return pair.received - pair.told_consumed < chunks_ / 2 ? Status{} : acknowledge(peer);
}

Status Wire::acknowledge(uint32_t peer) {
  Pair& pair = pairs_[peer];
  pair.told_consumed = pair.received;
  return rank_.put_signal(peer, 0, nullptr, 0, consumed_at(rank_.rank()), pair.received);
}

Status Wire::reclaim_staging() {
  for (uint32_t peer = 0; peer < pairs_.size(); ++peer)
    if (pairs_[peer].lent_until > pairs_[peer].known_consumed) RLX_TRY(await_consumed(peer, pairs_[peer].lent_until));
  return {};
}

Status Wire::enter() {
  auto* word = reinterpret_cast<uint64_t*>(static_cast<char*>(rank_.heap()) + entered_at_);
  std::atomic_ref<uint64_t>(*word).store(++entered_, std::memory_order_release);
  moved_bytes = 0;
  return {};
}

std::vector<uint32_t> Wire::find_late(std::span<const uint32_t> members) {
  std::vector<uint32_t> late;
  for (const uint32_t member : members) {
    // Reads without a race: adds nothing.
    const auto entered = rank_.atomic_add(member, entered_at_, 0);
    if (entered && *entered < entered_) late.push_back(member);
  }
  return late;
}

}  // namespace rlx::collective
