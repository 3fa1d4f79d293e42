// What softmax and the normalisations do with one contiguous row of f32, or with a strip of columns. A row is read more
// than once: all but the first pass find it in the cache.
#pragma once

#include <cstddef>

namespace rlx::cpu {

struct Moments {
  double mean, variance;
};

// y may be x everywhere.
struct RowOps {
  void (*softmax)(const float* x, float* y, size_t n);
  void (*log_softmax)(const float* x, float* y, size_t n);
  // Over n rows that are stride apart, for each of width <= kStripWidth columns.
  void (*softmax_strip)(const float* x, float* y, size_t n, size_t stride, size_t width);
  void (*log_softmax_strip)(const float* x, float* y, size_t n, size_t stride, size_t width);
  Moments (*moments)(const float* x, size_t n);     // biased variance, two passes
  double (*sum_squares)(const float* x, size_t n);  // also of what f32 cannot square
  // y = (x - mean) * scale * gamma + beta; gamma and beta may be NULL.
  void (*normalise)(const float* x, float* y, size_t n, float mean, float scale, const float* gamma, const float* beta);
  void (*scale_shift)(const float* x, float* y, size_t n, float scale, float shift);
  void (*add)(const float* a, const float* b, float* y, size_t n);
  void (*swiglu)(const float* gate, const float* up, float* y, size_t n);  // silu(gate) * up
};
constexpr size_t kStripWidth = 128;

const RowOps& row_ops();

}  // namespace rlx::cpu
