#include "fake/convolution.hpp"

#include "fake/floats.hpp"

#include <algorithm>

namespace fake {

namespace {

// The positions of some axes one after the other; false at the end.
bool next(Sizes& at, const int* dims, int axes) {
  for (int i = axes; i-- > 0;) {
    if (++at[static_cast<size_t>(i)] < dims[i]) return true;
    at[static_cast<size_t>(i)] = 0;
  }
  return false;
}

bool are_positive(const int* values, int count) {
  return std::all_of(values, values + count, [](int value) { return value > 0; });
}

}  // namespace

int64_t Tensor::elements() const {
  int64_t all = 1;
  for (int i = 0; i < rank; ++i) all *= dims[static_cast<size_t>(i)];
  return all;
}

bool Tensor::set(rlx_dtype type, int axes, const int* sizes, const int* strides) {
  // No library has an image of fewer than two spatial axes.
  if (axes < 4 || axes > kMostRank || !are_positive(sizes, axes)) return false;
  int64_t stride = 1;
  for (int i = axes; strides && i-- > 0; stride *= sizes[i])
    if (strides[i] != stride) return false;
  *this = {type, axes, {}};
  std::copy_n(sizes, axes, dims.begin());
  return true;
}

bool Window::set(int count, const int* pad, const int* stride, const int* dilation) {
  if (count < 2 || count > kMostAxes || !are_positive(stride, count) || !are_positive(dilation, count) ||
      std::any_of(pad, pad + count, [](int p) { return p < 0; }))
    return false;
  axes = count;
  std::copy_n(pad, count, pads.begin());
  std::copy_n(stride, count, strides.begin());
  std::copy_n(dilation, count, dilations.begin());
  return true;
}

bool fit(const Tensor& x, const Tensor& w, const Window& window, const Tensor& y) {
  if (x.rank != window.axes + 2 || w.rank != x.rank || y.rank != x.rank) return false;
  if (x.dtype != w.dtype || x.dtype != y.dtype) return false;
  if (x.dims[0] != y.dims[0] || w.dims[0] != y.dims[1] || w.dims[1] * window.groups != x.dims[1]) return false;
  if (w.dims[0] % window.groups != 0) return false;
  for (size_t i = 0; i < static_cast<size_t>(window.axes); ++i) {
    const int reach = (w.dims[2 + i] - 1) * window.dilations[i] + 1;
    if ((x.dims[2 + i] + 2 * window.pads[i] - reach) / window.strides[i] + 1 != y.dims[2 + i]) return false;
  }
  return true;
}

void Convolution::run() const {
  const int axes = window.axes, depth = w.dims[1], filters = w.dims[0] / window.groups;
  const auto load = [&](const std::byte* data, int64_t element, const Tensor& tensor) {
    const double value = load_float(data, element, tensor.dtype);
    return window.tf32 ? as_tf32(value) : value;
  };
  int64_t element = 0;
  for (Sizes at{}; element < y.elements(); ++element, next(at, y.dims.data(), y.rank)) {
    const int first_channel = at[1] / filters * depth;
    double sum = 0;
    int64_t weight = static_cast<int64_t>(at[1]) * (w.elements() / w.dims[0]);
    for (int channel = 0; channel < depth; ++channel) {
      Sizes tap{};
      do {
        int64_t position = static_cast<int64_t>(at[0]) * x.dims[1] + first_channel + channel;
        bool inside = true;
        for (size_t i = 0; i < static_cast<size_t>(axes); ++i) {
          const int p = at[2 + i] * window.strides[i] - window.pads[i] + tap[i] * window.dilations[i];
          inside = inside && p >= 0 && p < x.dims[2 + i];
          position = position * x.dims[2 + i] + p;
        }
        if (inside) sum += load(x_data, position, x) * load(w_data, weight, w);
        ++weight;
      } while (next(tap, w.dims.data() + 2, axes));
    }
    sum *= alpha;
    if (beta != 0) sum += beta * load_float(y_data, element, y.dtype);
    store_float(y_data, element, y.dtype, sum);
  }
}

void Addition::run() const {
  int64_t element = 0;
  for (Sizes at{}; element < c.elements(); ++element, next(at, c.dims.data(), c.rank)) {
    int64_t from = 0;
    for (size_t i = 0; i < static_cast<size_t>(a.rank); ++i) from = from * a.dims[i] + (a.dims[i] == 1 ? 0 : at[i]);
    const double sum = alpha * load_float(a_data, from, a.dtype) + beta * load_float(c_data, element, c.dtype);
    store_float(c_data, element, c.dtype, sum);
  }
}

bool Addition::fits() const {
  if (a.rank != c.rank || a.dtype != c.dtype) return false;
  for (size_t i = 0; i < static_cast<size_t>(c.rank); ++i)
    if (a.dims[i] != 1 && a.dims[i] != c.dims[i]) return false;
  return true;
}

}  // namespace fake
