// The memory that all ranks of a group see: a header, one place per rank, then the heaps. The same layout serves
// threads (anonymous memory) and processes (POSIX shared memory), so that there is one implementation of every access.
//
//   | header: who, sizes, failure, barrier | place 0 | place 1 | ... | heap 0 | heap 1 | ... |
#pragma once

#include <rlx/base.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace rlx::transport {

// Two lines: the adjacent-line prefetcher pulls pairs.
inline constexpr size_t kApart = 128;
inline constexpr uint64_t kMagic = 0x31676573786c72;  // "rlxseg1"
// Raised whenever header or place change: processes of different builds must not meet.
inline constexpr uint32_t kLayout = 2;
inline constexpr uint64_t kPage = 4096, kHugePage = uint64_t{2} << 20;
inline constexpr uint32_t kMaxWorld = 4096;

struct Header {
  std::atomic<uint64_t> magic;  // last to be written when the group is made
  uint32_t layout, abi_major, abi_minor, world;
  uint64_t heap_bytes, heap_stride, heaps_at, total_bytes;
  // Who came, counts up and down while the group gathers; then the group is complete for ever.
  alignas(kApart) std::atomic<uint32_t> attached;
  std::atomic<uint32_t> gather_sleepers;
  std::atomic<uint32_t> complete;
  // code << 32 | rank + 1 of the first failure; 0 = none. Never changes again.
  alignas(kApart) std::atomic<uint64_t> failure;
  // Sense reversing: the epoch is a sense that counts, so that each round has a value of its own.
  alignas(kApart) std::atomic<uint32_t> arrived;
  alignas(kApart) std::atomic<uint32_t> epoch;
  std::atomic<uint32_t> epoch_sleepers;
};

// Joining: the place is taken, the heap is being made.
enum class Presence : uint32_t { kAbsent = 0, kJoining = 1, kAttached = 2, kLeft = 3 };

// What others need to know of a rank.
struct alignas(kApart) Place {
  std::atomic<Presence> presence;
  std::atomic<uint32_t> doorbell;  // rung after a signal when the rank sleeps
  std::atomic<uint32_t> sleepers;  // 1 while it sleeps, or is about to
  // Epoch of the last barrier that the rank arrived at: away from what every message to it looks at.
  alignas(64) std::atomic<uint32_t> barrier;
};

struct Layout {
  uint64_t heap_stride = 0, heaps_at = 0, total_bytes = 0;
};

inline bool compute_layout(uint32_t world, uint64_t heap_bytes, Layout& out) {
  // Heaps that may have huge pages start on one.
  const uint64_t align = heap_bytes >= kHugePage ? kHugePage : kPage;
  const auto round_up = [&](uint64_t n, uint64_t& r) {
    return !__builtin_add_overflow(n, align - 1, &r) && ((r &= ~(align - 1)), true);
  };
  uint64_t heaps = 0;
  return round_up(heap_bytes ? heap_bytes : 1, out.heap_stride) &&
         round_up(sizeof(Header) + uint64_t{world} * sizeof(Place), out.heaps_at) &&
         !__builtin_mul_overflow(out.heap_stride, world, &heaps) &&
         !__builtin_add_overflow(out.heaps_at, heaps, &out.total_bytes) && out.total_bytes <= SIZE_MAX / 2;
}

// Base of a mapped segment; places() follow the header.
struct Segment {
  char* base = nullptr;
  Header& header() const { return *reinterpret_cast<Header*>(base); }
  Place& place(uint32_t rank) const { return reinterpret_cast<Place*>(base + sizeof(Header))[rank]; }
  char* heap(uint32_t rank) const { return base + header().heaps_at + rank * header().heap_stride; }
};

static_assert(sizeof(Header) % alignof(Place) == 0 && std::atomic<uint64_t>::is_always_lock_free);

}  // namespace rlx::transport
