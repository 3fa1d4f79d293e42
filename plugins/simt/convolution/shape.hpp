// A convolution as the caller sees it.
#pragma once

#include "device/params.hpp"

#include <rlx/base.h>

#include <array>
#include <compare>
#include <string>

namespace rlx::simt {

using ::simt::Address;

// y[image, filter, …] = Σ x·w + bias over NCHW tensors; the last `axes` of each spatial array count, the others are 1.
struct ConvolutionShape {
  using Spatial = std::array<int64_t, ::simt::kSpatial>;
  rlx_dtype dtype;                                    // of all operands: f16, bf16, f32 or f64
  uint32_t axes;                                      // 2 or 3; one axis is two, the first of them of size 1
  int64_t images, groups, channels, filters;          // channels and filters of all groups
  Spatial wide, narrow, taps, stride, pad, dilation;  // pad: in front; wide: of x, narrow: of y
  bool has_bias;
  bool tf32;  // f32 may be multiplied with 10 bits of mantissa
  auto operator<=>(const ConvolutionShape&) const = default;

  // "conv f16 8x64x56x56 by 64x64x3x3", for logs.
  std::string text() const;
  // Products of two numbers: the work.
  double multiplications() const;
};

// The parameters of the launch. bias 0: none; workspace 0: none is needed.
struct ConvolutionAddresses {
  Address x, w, y, bias, workspace;
};

}  // namespace rlx::simt
