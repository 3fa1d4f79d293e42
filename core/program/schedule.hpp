// The order in which a program's nodes run.
#pragma once

#include <cstdint>
#include <vector>

namespace rlx {

// One node. Memory blocks are numbered; a block is written before it is read.
struct ScheduleItem {
  std::vector<uint32_t> reads;
  std::vector<uint32_t> writes;
  std::vector<uint32_t> after;  // items that have to run earlier for other reasons than a read
};

struct ScheduleBlock {
  uint64_t bytes = 0;
  uint32_t writer = UINT32_MAX;  // the item; none: the block is there from the start and does not count
  bool kept = false;             // stays alive after its last read
};

struct ScheduleProblem {
  std::vector<ScheduleItem> items;
  std::vector<ScheduleBlock> blocks;
};

// The items in an order that needs little memory: the given one, as far as constraints allow, or a greedy one (next is
// the item that frees most) when that has a lower peak. O(n log n). Shorter than the problem when there is a cycle.
std::vector<uint32_t> schedule(const ScheduleProblem& problem);

// The largest number of bytes alive at one time.
uint64_t peak_bytes(const ScheduleProblem& problem, const std::vector<uint32_t>& order);

}  // namespace rlx
