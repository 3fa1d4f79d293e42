// Shapes and strides as shaders want them: few dims. Dims of size 1 go, and neighbours that every operand steps through
// alike become one.
#pragma once

#include "kernels/plan.hpp"

namespace rlx::vulkan {

using Strides = std::vector<int64_t>;  // in elements

Strides row_major(std::span<const uint64_t> dims);
// Strides that read a tensor of shape `from` as if it had the shape `to` that it broadcasts to.
Strides broadcast_strides(std::span<const uint64_t> from, std::span<const uint64_t> to);

struct Layout {
  std::vector<uint64_t> dims;
  std::vector<Strides> strides;  // by operand

  size_t rank() const { return dims.size(); }
  // Dims before the boundary merge among themselves only. Returns how many are left before it.
  size_t collapse(size_t boundary = 0);
};

// Fills an array of the parameters; refuses what does not fit. The rest stays 0.
template <typename T, typename From>
void put(const Plan& plan, T (&to)[RLX_RANK], const From& from) {
  if (std::size(from) > RLX_RANK) plan.refuse("more than 8 dims");
  size_t i = 0;
  for (const auto n : from) {
    const auto limit = static_cast<int64_t>(INT32_MAX);
    const auto wide = static_cast<int64_t>(n);
    if (wide > limit || wide < (std::is_signed_v<T> ? -limit : 0)) plan.refuse("a stride beyond 31 bits");
    to[i++] = static_cast<T>(n);
  }
}

// The dims before, at and after an axis: element (o, i, n) is at (o·size + i)·inner + n.
struct AxisSplit {
  uint64_t outer, size, inner;
};
AxisSplit split_at(const rlx_tensor& t, size_t axis);

// Adds a copy of all of a tensor to another one of its size.
void move_flat(Plan& plan, uint32_t from, uint32_t to);

}  // namespace rlx::vulkan
