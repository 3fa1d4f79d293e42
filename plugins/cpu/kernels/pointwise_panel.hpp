// One panel of pixels of a row-major 1x1 convolution: some output channels of one group, two vectors of pixels.
#pragma once

#include <cstddef>

namespace rlx::cpu {

struct PointwisePanel {
  // Row tiles [first_tile, last_tile) of the group's `rows` output channels, cut into tile_count even pieces. Weights
  // start at the group: tile after tile, `depth` columns of its rows each.
  size_t rows, tile_count, first_tile, last_tile, depth;
  const float* weights;
  const float* bias;      // of the group; NULL: zeros
  const float* src;       // first pixel of the group's first input channel
  const float* residual;  // laid out like dst; NULL: none
  float* dst;
  size_t channel;  // floats from one channel to the next, of src, dst and residual
  size_t pixels;   // at most PointwiseOps::panel
  float low;       // the least result
  float* packed;   // depth * PointwiseOps::panel floats
};

struct PointwiseOps {
  size_t panel;  // pixels
  size_t rows;   // output channels of a tile, at most
  void (*run)(const PointwisePanel&);
};

const PointwiseOps& pointwise_ops();

}  // namespace rlx::cpu
