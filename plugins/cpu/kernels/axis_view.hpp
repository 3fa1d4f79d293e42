// A tensor seen from one axis: outer blocks of n rows of inner elements.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <cstdint>

namespace rlx::cpu {

struct AxisView {
  uint64_t outer = 1, n = 1, inner = 1;
  uint64_t elements() const { return outer * n * inner; }
};

inline AxisView view_axis(const rlx_tensor& t, int64_t axis) {
  AxisView v;
  for (uint32_t i = 0; i < t.rank; ++i) {
    if (i < axis) v.outer *= t.dims[i];
    if (i == axis) v.n = t.dims[i];
    if (i > axis) v.inner *= t.dims[i];
  }
  return v;
}

}  // namespace rlx::cpu
