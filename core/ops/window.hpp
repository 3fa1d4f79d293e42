// The geometry that convolutions and pools share: strides, pads and dilations of 1 to 3 spatial axes.
#pragma once

#include "ops/infer.hpp"

namespace rlx::ops {

inline constexpr size_t kFirstSpatial = 2;  // NC…
inline constexpr size_t kMaxSpatial = 3;

// Input 0 is [N, C, 1 to 3 spatial dims].
Status check_spatial(const InferContext& context);
// Expands strides, pads_begin, pads_end and dilations to the spatial rank and checks them.
Status normalise_window(InferContext& context);
// How many elements a dilated kernel of n taps spans.
int64_t window_span(int64_t taps, int64_t dilation);
// The output dim of spatial axis i for a kernel of `taps`: floor((in + pads − span) / stride) + 1, or the ceiling with
// windows that would start in the end padding dropped. Unknown when the input dim is.
Result<int64_t> windowed_dim(const InferContext& context, size_t i, int64_t taps, bool ceil_mode);

}  // namespace rlx::ops
