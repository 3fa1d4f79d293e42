// Rows along an axis: what the shaders are told of them, and who goes through one.
#pragma once

#include "kernels/layout.hpp"

namespace rlx::vulkan {

// Rows of an axis for the shaders that see (rows, size, inner).
template <typename Params>
void put_rows(const Plan& plan, Params& p, const rlx_tensor& x, size_t axis) {
  const AxisSplit s = split_at(x, axis);
  plan.count_of(x);
  p.rows = plan.small(s.outer * s.inner, "rows");
  p.size = plan.small(s.size, "elements of a row");
  p.inner = plan.small(s.inner, "elements behind an axis");
  p.dtype = x.dtype;
}

// Few rows leave a device idle when one thread goes through each; short ones are not worth a workgroup.
inline bool worth_a_group(uint64_t rows, uint64_t size) {
  constexpr uint64_t kEnoughRows = 4096;
  return size > RLX_LANES && rows < kEnoughRows;
}
inline Groups groups_of(uint64_t rows, bool by_group) {
  return by_group ? Plan::groups_for(rows) : Plan::lanes_for(rows);
}

}  // namespace rlx::vulkan
