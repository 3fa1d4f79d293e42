// A tensor along one axis: element (o, i, n) is at (o·size + i)·inner + n.
#pragma once

#include <rlx/sdk/program_view.hpp>

namespace rlx::simt {

struct Axis {
  uint64_t outer = 1, size = 1, inner = 1;
  uint64_t rows() const { return outer * inner; }
};

inline Axis axis_of(const rlx_tensor& t, int64_t axis) {
  Axis a;
  for (uint32_t i = 0; i < t.rank; ++i) {
    if (i < axis) a.outer *= t.dims[i];
    if (i == axis) a.size = t.dims[i];
    if (i > axis) a.inner *= t.dims[i];
  }
  return a;
}

}  // namespace rlx::simt
