// A tensor as a kernel sees it, and the four ways to touch its elements: load and store convert between the tensor's
// dtype and the type a kernel computes in; for_each_index and for_each_offset visit a shape in row-major order.
// Memory may have any alignment: it is read and written with memcpy only.
#pragma once

#include <rlx/sdk/convert.hpp>
#include <rlx/sdk/program_view.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rlx::ref {

using Dims = std::vector<uint64_t>;
using DimsView = std::span<const uint64_t>;
using Strides = std::vector<int64_t>;  // in elements
using Index = std::array<uint64_t, RLX_MAX_RANK>;

inline uint64_t count_of(DimsView dims) {
  uint64_t n = 1;
  for (uint64_t d : dims) n *= d;
  return n;
}

inline Strides row_major(DimsView dims) {
  Strides strides(dims.size());
  int64_t step = 1;
  for (size_t i = dims.size(); i-- > 0;) {
    strides[i] = step;
    step *= static_cast<int64_t>(dims[i]);
  }
  return strides;
}

// Strides that read a tensor of shape `from` as if it had the shape `to` that it broadcasts to.
inline Strides broadcast_strides(DimsView from, DimsView to) {
  const Strides own = row_major(from);
  const size_t lead = to.size() - from.size();
  Strides strides(to.size(), 0);
  for (size_t i = 0; i < from.size(); ++i)
    if (from[i] != 1) strides[lead + i] = own[i];
  return strides;
}

// Dense and row-major. Views: dims and data belong to the program and the context.
struct Tensor {
  rlx_dtype dtype = 0;
  DimsView dims;
  std::byte* data = nullptr;

  size_t rank() const { return dims.size(); }
  uint64_t dim(size_t axis) const { return dims[axis]; }
  uint64_t elements() const { return count_of(dims); }
  size_t width() const { return sdk::dtype_size(dtype); }  // bytes of one element
  uint64_t bytes() const { return elements() * width(); }
  std::byte* at(uint64_t element) const { return data + element * width(); }
};

// All elements as T, by the rules of the op `cast`.
template <typename T>
std::vector<T> load(const Tensor& t) {
  std::vector<T> values(t.elements());
  sdk::visit_dtype(t.dtype, [&](auto element) {
    sdk::convert_elements<decltype(element), T>(t.data, values.data(), values.size());
  });
  return values;
}

// The only place where a result is rounded to its dtype.
template <typename T>
void store(const Tensor& t, const std::vector<T>& values) {
  sdk::visit_dtype(t.dtype, [&](auto element) {
    sdk::convert_elements<T, decltype(element)>(values.data(), t.data, values.size());
  });
}

// Calls fn(offset) for each index of dims in row-major order, where offset = start + Σ index·stride.
template <typename Fn>
void for_each_offset(DimsView dims, std::span<const int64_t> strides, int64_t start, Fn&& fn) {
  if (dims.empty()) {
    fn(start);
  } else if (dims.size() == 1) {
    for (uint64_t i = 0; i < dims[0]; ++i) fn(start + static_cast<int64_t>(i) * strides[0]);
  } else if (std::find(dims.begin(), dims.end(), 0u) == dims.end()) {  // 2^40 rows of nothing take no time
    for (uint64_t i = 0; i < dims[0]; ++i)
      for_each_offset(dims.subspan(1), strides.subspan(1), start + static_cast<int64_t>(i) * strides[0], fn);
  }
}

// Calls fn(index) for each index of dims in row-major order; entries from dims.size() on are 0.
template <typename Fn>
void for_each_index(DimsView dims, Fn&& fn) {
  Index index{};
  const uint64_t count = count_of(dims);
  for (uint64_t n = 0; n < count; ++n) {
    fn(static_cast<const Index&>(index));
    for (size_t axis = dims.size(); axis-- > 0;) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
}

// Like load, in the order of dims and strides.
template <typename T>
std::vector<T> load_strided(const Tensor& t, DimsView dims, std::span<const int64_t> strides) {
  const std::vector<T> plain = load<T>(t);
  std::vector<T> values;
  values.reserve(count_of(dims));
  for_each_offset(dims, strides, 0, [&](int64_t offset) { values.push_back(plain[static_cast<size_t>(offset)]); });
  return values;
}

// Like load, repeated as numpy broadcasts it to dims.
template <typename T>
std::vector<T> load_broadcast(const Tensor& t, DimsView dims) {
  if (t.elements() == count_of(dims)) return load<T>(t);
  return load_strided<T>(t, dims, broadcast_strides(t.dims, dims));
}

// The dims before, at and after an axis, which is how most ops along an axis see a tensor:
// element (o, i, n) is at (o·size + i)·inner + n.
struct AxisSplit {
  uint64_t outer, size, inner;
  uint64_t at(uint64_t o, uint64_t i, uint64_t n) const { return (o * size + i) * inner + n; }
};
inline AxisSplit split_at(DimsView dims, size_t axis) {
  return {count_of(dims.first(axis)), dims[axis], count_of(dims.subspan(axis + 1))};
}

}  // namespace rlx::ref
