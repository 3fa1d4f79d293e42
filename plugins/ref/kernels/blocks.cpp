// Rearranging pixels: each kernel says which element of x an element (n, c, h, w) of y is.
//   resize_nearest_2x: each pixel becomes 2×2      space_to_depth, depth_to_space: as ONNX
#include "kernel.hpp"
#include "move.hpp"

namespace rlx::ref::kernels {

namespace {

struct Pixel {
  uint64_t c, h, w;
};

template <typename Source>
void move_pixels(const Call& call, Source&& source) {
  const Tensor& x = call.in(0);
  move_elements(x, call.out(), [&](const Index& y) {
    const Pixel from = source(Pixel{y[1], y[2], y[3]});
    return static_cast<int64_t>(((y[0] * x.dim(1) + from.c) * x.dim(2) + from.h) * x.dim(3) + from.w);
  });
}

}  // namespace

void resize_nearest_2x(const Call& call) {
  move_pixels(call, [](Pixel y) { return Pixel{y.c, y.h / 2, y.w / 2}; });
}

void space_to_depth(const Call& call) {
  const uint64_t b = static_cast<uint64_t>(call.node.i("block")), channels = call.in(0).dim(1);
  move_pixels(call, [&](Pixel y) {
    const uint64_t in_block = y.c / channels;
    return Pixel{y.c % channels, y.h * b + in_block / b, y.w * b + in_block % b};
  });
}

void depth_to_space(const Call& call) {
  const uint64_t b = static_cast<uint64_t>(call.node.i("block")), channels = call.out().dim(1);
  const bool crd = call.node.s("mode") == "crd";
  move_pixels(call, [&](Pixel y) {
    const uint64_t in_block = y.h % b * b + y.w % b;
    return Pixel{crd ? y.c * b * b + in_block : in_block * channels + y.c, y.h / b, y.w / b};
  });
}

}  // namespace rlx::ref::kernels
