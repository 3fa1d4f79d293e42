// Window geometry of convolutions and pools; see window.hpp.
#include "ops/window.hpp"

namespace rlx::ops {
namespace {

constexpr int64_t kMostWindow = (int64_t{1} << 31) - 1;

}  // namespace

Status check_spatial(const InferContext& context) {
  return check_rank_between(context, 0, kFirstSpatial + 1, kFirstSpatial + kMaxSpatial);
}

Status normalise_window(InferContext& context) {
  const size_t n = context.shape(0).rank() - kFirstSpatial;
  RLX_TRY(fill_ints(context, "strides", n, 1, 1));
  RLX_TRY(fill_ints(context, "pads_begin", n, 0, 0));
  RLX_TRY(fill_ints(context, "pads_end", n, 0, 0));
  RLX_TRY(fill_ints(context, "dilations", n, 1, 1));
  // Kernels add and multiply positions: with these limits, no sum of them leaves int64.
  for (const char* name : {"strides", "pads_begin", "pads_end", "dilations"})
    for (const int64_t v : context.attrs.ints(name))
      if (v > kMostWindow) return bad(context, "{} has entry {}, needs at most {}", name, v, kMostWindow);
  return {};
}

int64_t window_span(int64_t taps, int64_t dilation) {
  return taps <= 0 ? taps : add_dims(mul_dims(taps - 1, dilation), 1);
}

Result<int64_t> windowed_dim(const InferContext& context, size_t i, int64_t taps, bool ceil_mode) {
  const int64_t input = context.shape(0)[kFirstSpatial + i];
  if (!is_static(input) || !is_static(taps)) return kUnknownDim;
  if (taps == 0) return bad(context, "the kernel is empty along spatial axis {}", i);
  const int64_t begin = context.attrs.ints("pads_begin")[i];
  const int64_t padded = add_dims(input, add_dims(begin, context.attrs.ints("pads_end")[i]));
  const int64_t span = window_span(taps, context.attrs.ints("dilations")[i]);
  const int64_t stride = context.attrs.ints("strides")[i];
  if (input == 0 && span > padded) return int64_t{0};
  if (span > padded)
    return bad(context, "a window of {} does not fit spatial axis {} of {} with padding ({})", span, i,
               text(context, 0), padded);
  const int64_t room = padded - span;
  int64_t output = room / stride + 1;
  if (ceil_mode && room % stride != 0 && mul_dims(output, stride) < add_dims(input, begin)) ++output;
  return output;
}

}  // namespace rlx::ops
