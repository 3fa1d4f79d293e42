// Moving elements as bytes, for ops that compute nothing: every dtype keeps its exact bits.
#pragma once

#include "tensor.hpp"

#include <cstring>

namespace rlx::ref {

// y[index] = x[source(index)] for every index of y; source gives an element number, or kFill for one of fill's.
constexpr int64_t kFill = -1;
template <typename Source>
void move_elements(const Tensor& x, const Tensor& y, Source&& source, const std::byte* fill = nullptr) {
  const size_t width = y.width();
  std::byte* to = y.data;
  for_each_index(y.dims, [&](const Index& index) {
    const int64_t from = source(index);
    std::memcpy(to, from == kFill ? fill : x.data + static_cast<size_t>(from) * width, width);
    to += width;
  });
}

// y = x read from element `start` with these strides: what transposes, slices and broadcasts are.
inline void move_strided(const Tensor& x, int64_t start, std::span<const int64_t> strides, const Tensor& y) {
  const size_t width = y.width();
  std::byte* to = y.data;
  for_each_offset(y.dims, strides, start, [&](int64_t offset) {
    std::memcpy(to, x.data + static_cast<size_t>(offset) * width, width);
    to += width;
  });
}

inline void move_bytes(const std::byte* from, std::byte* to, uint64_t bytes) {
  if (bytes) std::memmove(to, from, bytes);
}

}  // namespace rlx::ref
