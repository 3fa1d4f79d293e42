// Merging the axes of a broadcast.
#include "kernels/broadcast.hpp"

#include <algorithm>

namespace rlx::cpu {

namespace {

std::array<uint64_t, RLX_MAX_RANK> strides_over(const rlx_tensor& out, const rlx_tensor& x) {
  std::array<uint64_t, RLX_MAX_RANK> strides{};
  uint64_t step = 1;
  for (uint32_t i = 0; i < x.rank; ++i) {
    const uint64_t dim = x.dims[x.rank - 1 - i];
    strides[out.rank - 1 - i] = dim == 1 ? 0 : step;
    step *= dim;
  }
  return strides;
}

}  // namespace

Broadcast make_broadcast(const rlx_tensor& out, const std::vector<const rlx_tensor*>& operands) {
  std::vector<std::array<uint64_t, RLX_MAX_RANK>> full;
  for (const rlx_tensor* x : operands) full.push_back(strides_over(out, *x));
  Broadcast b;
  b.strides.resize(operands.size());
  for (uint32_t axis = 0; axis < out.rank; ++axis) {
    const uint64_t dim = out.dims[axis];
    if (dim == 1) continue;
    bool merges = b.rank > 0;
    for (size_t i = 0; merges && i < operands.size(); ++i) merges = b.strides[i][b.rank - 1] == full[i][axis] * dim;
    if (!merges) b.dims[b.rank++] = 1;
    b.dims[b.rank - 1] *= dim;
    for (size_t i = 0; i < operands.size(); ++i) b.strides[i][b.rank - 1] = full[i][axis];
  }
  return b;
}

}  // namespace rlx::cpu
