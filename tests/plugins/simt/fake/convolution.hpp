// Convolutions in host memory, for the stand-ins of libraries that have them.
#pragma once

#include <rlx/base.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace fake {

constexpr int kMostAxes = 3, kMostRank = 2 + kMostAxes;
using Sizes = std::array<int, kMostRank>;

// An image or a filter: dense, the last axis innermost.
struct Tensor {
  rlx_dtype dtype = 0;
  int rank = 0;
  Sizes dims{};

  int64_t elements() const;
  // As a library is told: false for what no library takes, strides of a tensor that is not dense among them.
  bool set(rlx_dtype type, int axes, const int* sizes, const int* strides);
};

struct Window {
  int axes = 0, groups = 1;
  bool tf32 = false;
  Sizes pads{}, strides{}, dilations{};

  bool set(int count, const int* pad, const int* stride, const int* dilation);
};

// Whether the operands and the window go together.
bool fit(const Tensor& x, const Tensor& w, const Window& window, const Tensor& y);

// y = alpha·conv(x, w) + beta·y, with sums in double.
struct Convolution {
  Tensor x, w, y;
  Window window;
  const std::byte *x_data, *w_data;
  std::byte* y_data;
  double alpha, beta;
  void run() const;
};

// c = alpha·a + beta·c, where axes of a that have one element are repeated.
struct Addition {
  Tensor a, c;
  const std::byte* a_data;
  std::byte* c_data;
  double alpha, beta;
  bool fits() const;
  void run() const;
};

}  // namespace fake
