#include "layout.hpp"

namespace rlx::vulkan {

Strides row_major(std::span<const uint64_t> dims) {
  Strides strides(dims.size());
  int64_t step = 1;
  for (size_t i = dims.size(); i-- > 0;) {
    strides[i] = step;
    step *= static_cast<int64_t>(dims[i]);
  }
  return strides;
}

Strides broadcast_strides(std::span<const uint64_t> from, std::span<const uint64_t> to) {
  const Strides own = row_major(from);
  const size_t lead = to.size() - from.size();
  Strides strides(to.size(), 0);
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] != 1) strides[lead + i] = own[i];
  return strides;
}

size_t Layout::collapse(size_t boundary) {
  Layout out;
  out.strides.resize(strides.size());
  size_t before = 0;
  for (size_t d = 0; d < dims.size(); ++d) {
    if (dims[d] == 1) continue;
    const bool first_of_part = out.dims.empty() || (d >= boundary && before == out.dims.size());
    bool merge = !first_of_part;
    for (size_t k = 0; k < strides.size() && merge; ++k)
      merge = out.strides[k].back() == strides[k][d] * static_cast<int64_t>(dims[d]);
    if (merge) {
      out.dims.back() *= dims[d];
      for (size_t k = 0; k < strides.size(); ++k) out.strides[k].back() = strides[k][d];
    } else {
      out.dims.push_back(dims[d]);
      for (size_t k = 0; k < strides.size(); ++k) out.strides[k].push_back(strides[k][d]);
    }
    if (d < boundary) before = out.dims.size();
  }
  *this = std::move(out);
  return before;
}

AxisSplit split_at(const rlx_tensor& t, size_t axis) {
  AxisSplit s{1, t.dims[axis], 1};
  for (size_t i = 0; i < axis; ++i) s.outer *= t.dims[i];
  for (size_t i = axis + 1; i < t.rank; ++i) s.inner *= t.dims[i];
  return s;
}

}  // namespace rlx::vulkan
