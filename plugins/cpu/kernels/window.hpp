// The geometry of plain convolutions and pools over one to three spatial axes, always as three: missing ones have
// size 1.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <algorithm>
#include <array>
#include <cstdint>

namespace rlx::cpu {

// Output position o and tap t meet at input position o * stride - pad + t * dilation, when that is inside.
struct WindowAxis {
  int64_t in = 1, out = 1, taps = 1, stride = 1, pad = 0, pad_end = 0, dilation = 1;

  int64_t meet(int64_t o, int64_t t) const { return o * stride - pad + t * dilation; }
  // The output positions [first, last) that meet tap t inside.
  int64_t first(int64_t t) const { return std::clamp<int64_t>(ceil_div(pad - t * dilation), 0, out); }
  int64_t last(int64_t t) const { return std::clamp<int64_t>(ceil_div(in + pad - t * dilation), first(t), out); }
  // The taps [first, last) that output position o meets below the limit.
  int64_t first_tap(int64_t o) const {
    const int64_t before = pad - o * stride;
    return before <= 0 ? 0 : std::min(taps, (before + dilation - 1) / dilation);
  }
  int64_t last_tap(int64_t o, int64_t limit) const {
    const int64_t left = limit - meet(o, 0);
    return left <= 0 ? 0 : std::min(taps, (left + dilation - 1) / dilation);
  }

 private:
  int64_t ceil_div(int64_t a) const { return a / stride + (a % stride > 0); }
};

struct Window {
  std::array<WindowAxis, 3> axis;
  int64_t out_size() const { return axis[0].out * axis[1].out * axis[2].out; }
  int64_t in_size() const { return axis[0].in * axis[1].in * axis[2].in; }
};

// kernel_at(i): the taps along spatial axis i. Attributes are those of conv and pool.
template <typename KernelAt>
Window window_of(const sdk::NodeView& n, KernelAt&& kernel_at) {
  const auto strides = n.ints("strides"), begins = n.ints("pads_begin"), ends = n.ints("pads_end"),
             dilations = n.ints("dilations");
  Window w;
  const uint32_t spatial = n.in(0).rank - 2;
  for (uint32_t i = 0; i < spatial; ++i)
    w.axis[3 - spatial + i] = {static_cast<int64_t>(n.in(0).dims[2 + i]),
                               static_cast<int64_t>(n.out().dims[2 + i]),
                               static_cast<int64_t>(kernel_at(i)),
                               strides[i],
                               begins[i],
                               ends[i],
                               dilations[i]};
  return w;
}

}  // namespace rlx::cpu
