// The memory planner: packs tensors with known lifetimes into one arena. The host plans every program with it, and
// plugins reach it as a host service. Threads: any (no state). 10,000 items take well under a second in the worst case.
#pragma once

#include <rlx/plugin.h>
#include <rlx/status.hpp>

#include <span>

namespace rlx {

// Writes out_offset_bytes of every item, a multiple of align (a power of two), so that no two items alive in the same
// step overlap, except that an item may sit at the start of the memory of the item it reuses. Sizes count rounded up to
// align; items of size 0 get offset 0. out_result: the arena's size, and the largest sum of sizes alive in one step
// with in-place pairs counted once, below which no plan can go. Errors: INVALID_ARGUMENT (align, lifetimes, reuse out
// of range), RESOURCE_EXHAUSTED (sizes beyond 2^62 bytes).
Status plan_memory(std::span<rlx_plan_item> items, uint64_t align, rlx_plan_result* out_result);

}  // namespace rlx
