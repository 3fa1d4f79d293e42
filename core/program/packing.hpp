// Packing of blocks with lifetimes into one address range: the two algorithms under the planner.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace rlx {

// What a block holds during some steps. first > last: never alive.
struct Segment {
  uint32_t first;
  uint32_t last;
  uint64_t size;
};

// A tensor, or a chain of tensors that take over each other's memory: consecutive segments of non-increasing size at
// one offset.
struct Block {
  std::vector<Segment> segments;
  uint64_t offset = 0;

  uint32_t first() const { return segments.front().first; }
  uint32_t last() const { return segments.back().last; }
  uint64_t size() const { return segments.front().size; }
};

// Runs through time with a best-fit free list. O(n log n). Returns the bytes used.
uint64_t pack_by_time(std::span<Block> blocks);

// Puts each block, in the given order, at the lowest offset where it fits beside those already placed. O(n^2) in the
// worst case: takes the comparisons made off *budget and gives up (UINT64_MAX) when it runs out; offsets are then
// meaningless.
uint64_t pack_in_order(std::span<Block> blocks, std::span<const uint32_t> order, uint64_t* budget);

// The largest sum of sizes alive in one step. O(n log n).
uint64_t peak_live_bytes(std::span<const Block> blocks);

}  // namespace rlx
