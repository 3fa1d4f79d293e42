// Messages between pairs of ranks over one-sided access: each ordered pair has a ring of slots in the receiver's heap.
// The sender puts a chunk and raises the slot's signal; the receiver reads the chunk where it lies and, now and then,
// tells the sender how many it has consumed. Everything that no peer can map goes through here.
//
//   receiver's heap: for each sender  [signal | small payload .. 56 B | payload .. chunk_bytes] x chunks
//   sender's heap:   for each receiver [consumed]
#pragma once

#include <rlx/process_group.hpp>

#include <atomic>

namespace rlx::collective {

// Where a member's buffers are in this process.
struct Reached {
  char* src = nullptr;
  char* dst = nullptr;
};

class Wire {
 public:
  static Result<std::shared_ptr<Wire>> attach(const Transport& transport, RankOptions options,
                                              const GroupOptions& group);

  Rank& rank() { return rank_; }
  uint64_t chunk_bytes() const { return chunk_bytes_; }

  // One chunk, at most chunk_bytes. Waits while all slots are full.
  Status send_chunk(uint32_t peer, const void* src, uint64_t bytes);
  // The next chunk of that peer; stays until release_chunk. LENGTH_MISMATCH when it has another size.
  Result<const char*> receive_chunk(uint32_t peer, uint64_t bytes);
  Status release_chunk(uint32_t peer);
  // Tells the peer at once how many have been consumed.
  Status acknowledge(uint32_t peer);

  // Two areas of kStagingBytes in each heap, of what peers shall load from there (staged.cpp). all_mapped() only.
  static constexpr uint64_t kStagingBytes = uint64_t{512} << 10;
  char* staging(uint32_t peer) const { return mapped_[peer] + staging_at_; }
  // The peer loads from this rank's areas until it has acknowledged what was sent to it so far; waits for all such.
  void lend_staging(uint32_t peer) { pairs_[peer].lent_until = pairs_[peer].sent; }
  Status reclaim_staging();

  // Lies in the own heap.
  bool owns(const char* p) const {
    const auto* heap = static_cast<const char*>(rank_.heap());
    return p >= heap && p < heap + rank_.heap_bytes();
  }
  // The peer's heap here, or nullptr.
  char* mapped(uint32_t peer) const { return mapped_[peer]; }
  bool all_mapped() const { return all_mapped_; }
  bool same_process() const { return same_process_; }

  // Of a member, for ranks of one process (direct.cpp).
  std::atomic_ref<uint64_t> at_work(uint32_t peer) const { return word(peer, guard_at_); }
  std::atomic_ref<uint64_t> revoked(uint32_t peer) const { return word(peer, guard_at_ + sizeof(uint64_t)); }

  // Counts collectives; the others can see how far this rank is.
  Status enter();
  // Ranks of these that have not yet entered the collective that this rank is in.
  std::vector<uint32_t> find_late(std::span<const uint32_t> members);

  uint64_t moved_bytes = 0;
  // World-sized scratch of the algorithms: short messages have no time for an allocation.
  std::vector<const char*> sources, targets;
  std::vector<Reached> reached;

 private:
  // A chunk's signal: how many chunks have come, and its size.
  static constexpr uint32_t kSizeBits = 24;
  static constexpr uint64_t kSmall = 56, kLine = 64;

  uint64_t slot_at(uint32_t receiver_side_peer, uint64_t number) const {
    return slots_at_ + (receiver_side_peer * chunks_ + number % chunks_) * slot_bytes_;
  }
  uint64_t consumed_at(uint32_t peer) const { return consumed_at_ + peer * kLine; }
  static uint64_t payload(uint64_t bytes) { return bytes <= kSmall ? sizeof(uint64_t) : kLine; }
  std::atomic_ref<uint64_t> word(uint32_t peer, uint64_t offset) const {
    return std::atomic_ref<uint64_t>(*reinterpret_cast<uint64_t*>(mapped_[peer] + offset));
  }
  uint64_t load_own(uint64_t offset) const;
  // Until the peer has consumed that many.
  Status await_consumed(uint32_t peer, uint64_t number);

  Rank rank_;
  uint64_t chunk_bytes_ = 0, slot_bytes_ = 0, chunks_ = 0, slots_at_ = 0, consumed_at_ = 0, entered_at_ = 0,
           guard_at_ = 0, staging_at_ = 0;
  struct Pair {
    uint64_t sent = 0, known_consumed = 0, received = 0, told_consumed = 0, lent_until = 0;
  };
  std::vector<Pair> pairs_;
  std::vector<char*> mapped_;
  bool all_mapped_ = true, same_process_ = true;
  uint64_t entered_ = 0;
};

}  // namespace rlx::collective
