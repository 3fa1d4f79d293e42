// The vector loops over planes: see planes.hpp.
#pragma once

#include <cstddef>

namespace rlx::cpu {

// Rows of floats that lie apart: every step-th of src.
struct PlaneRows {
  const float* src;
  size_t src_row, step;
  float* dst;
  size_t dst_row, rows, count;
};

// dst[i] = the window at i, for i in [0, count) and up to a block more. taps: offsets from src.
struct PlaneRun {
  const float* src;
  const size_t* taps;
  size_t tap_count;
  const float* weights;  // of the taps; convolution only
  float start;           // convolution: the bias
  float low;             // convolution: the least result
  float* dst;
  size_t count;
};

struct PlaneOps {
  size_t block;  // floats that the loops below handle at once
  void (*load)(const PlaneRows&);
  // The same for step 1 with a factor per column and one for the row: dst = src * row_factor * factors.
  void (*store_scaled)(const float* src, float* dst, size_t count, float row_factor, const float* factors);
  void (*convolve)(const PlaneRun&);
  void (*max)(const PlaneRun&);  // a NaN anywhere in the window is the result
  void (*sum)(const PlaneRun&);
};

const PlaneOps& plane_ops();

}  // namespace rlx::cpu
