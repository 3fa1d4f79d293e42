// The geometry of convolutions and pools over one to three spatial axes, always as three: missing ones have size 1.
#pragma once

#include "kernel.hpp"

#include <algorithm>
#include <array>

namespace rlx::ref {

// Position o of the narrow side (a convolution's output) and tap t meet at position o·stride − pad + t·dilation of the
// wide side (its input), when that is inside.
struct WindowAxis {
  int64_t wide = 1, narrow = 1, taps = 1, stride = 1, pad = 0, dilation = 1;

  int64_t meet(int64_t o, int64_t t) const { return o * stride - pad + t * dilation; }
  bool is_inside(int64_t position) const { return position >= 0 && position < wide; }
  // The narrow positions [first, last) that meet tap t inside.
  int64_t first(int64_t t) const { return std::clamp<int64_t>(ceil_div(pad - t * dilation, stride), 0, narrow); }
  int64_t last(int64_t t) const {
    return std::clamp<int64_t>(ceil_div(wide + pad - t * dilation, stride), first(t), narrow);
  }

 private:
  static int64_t ceil_div(int64_t a, int64_t b) { return a / b + (a % b > 0); }
};

constexpr size_t kSpatial = 3;

struct Window {
  std::array<WindowAxis, kSpatial> axis;

  int64_t narrow_size() const { return axis[0].narrow * axis[1].narrow * axis[2].narrow; }
  int64_t wide_size() const { return axis[0].wide * axis[1].wide * axis[2].wide; }
  int64_t taps() const { return axis[0].taps * axis[1].taps * axis[2].taps; }
  // Tap number n of the kernel, row-major, along each axis.
  std::array<int64_t, kSpatial> tap(int64_t n) const {
    return {n / (axis[1].taps * axis[2].taps), n / axis[2].taps % axis[1].taps, n % axis[2].taps};
  }
};

// taps: the kernel's spatial dims. wide and narrow: N, C, then spatial dims.
inline Window window_of(const Call& call, const Tensor& wide, const Tensor& narrow, std::span<const int64_t> taps) {
  const std::span<const int64_t> strides = call.node.ints("strides"), pads = call.node.ints("pads_begin"),
                                 dilations = call.node.ints("dilations");
  Window w;
  for (size_t i = 0; i < taps.size(); ++i)
    w.axis[kSpatial - taps.size() + i] = {static_cast<int64_t>(wide.dim(2 + i)),
                                          static_cast<int64_t>(narrow.dim(2 + i)),
                                          taps[i],
                                          strides[i],
                                          pads[i],
                                          dilations[i]};
  return w;
}

// For tap number n, calls fn(narrow, wide, count, step) for each run of positions along the last axis: narrow position
// `narrow + i` meets wide position `wide + i·step`, for i < count. Positions count from the start of one channel.
template <typename Fn>
void for_each_run(const Window& w, int64_t n, Fn&& fn) {
  const auto [a, b, c] = w.axis;
  const auto [ta, tb, tc] = w.tap(n);
  const int64_t first = c.first(tc), count = c.last(tc) - first;
  for (int64_t i = a.first(ta); i < a.last(ta); ++i)
    for (int64_t j = b.first(tb); j < b.last(tb); ++j)
      fn((i * b.narrow + j) * c.narrow + first, (a.meet(i, ta) * b.wide + b.meet(j, tb)) * c.wide + c.meet(first, tc),
         count, c.stride);
}

}  // namespace rlx::ref
