// A tensor seen from one axis: element (o, i, k) is at (o·n + i)·inner + k.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <cstdint>

namespace rlx::sdk {

struct AxisView {
  uint64_t outer = 1, n = 1, inner = 1;
  uint64_t rows() const { return outer * inner; }
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

}  // namespace rlx::sdk
