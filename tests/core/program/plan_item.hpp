// A tensor as the planner's tests and measurements give it to the planner.
#pragma once

#include <rlx/plugin.h>

inline rlx_plan_item plan_item(uint64_t size, uint32_t first, uint32_t last, uint32_t reuse = RLX_NO_INDEX) {
  return {size, first, last, reuse, 0, RLX_NO_OFFSET};
}
