// Sizes of a convolution as libraries take them: arrays of int, the spatial axes that count.
#pragma once

#include "convolution/shape.hpp"

#include <algorithm>

namespace rlx::simt {

// Batch, channels, and spatial axes; unused ones are 0.
using LibrarySizes = std::array<int, 2 + ::simt::kSpatial>;

inline int rank_of(const ConvolutionShape& shape) {
  return static_cast<int>(2 + shape.axes);
}

// One number per spatial axis.
inline LibrarySizes spatial_sizes(const ConvolutionShape& shape, const ConvolutionShape::Spatial& values) {
  LibrarySizes sizes{};
  for (uint32_t i = 0; i < shape.axes; ++i) sizes[i] = static_cast<int>(values[::simt::kSpatial - shape.axes + i]);
  return sizes;
}

// The dims of a tensor.
inline LibrarySizes tensor_sizes(const ConvolutionShape& shape, int64_t first, int64_t second,
                                 const ConvolutionShape::Spatial& values) {
  const LibrarySizes inner = spatial_sizes(shape, values);
  LibrarySizes sizes{static_cast<int>(first), static_cast<int>(second)};
  std::copy_n(inner.begin(), shape.axes, sizes.begin() + 2);
  return sizes;
}

// Of a dense tensor with these dims.
inline LibrarySizes tensor_strides(const ConvolutionShape& shape, const LibrarySizes& sizes) {
  LibrarySizes strides{};
  int stride = 1;
  for (size_t i = 2 + shape.axes; i-- > 0;) {
    strides[i] = stride;
    stride *= sizes[i];
  }
  return strides;
}

}  // namespace rlx::simt
