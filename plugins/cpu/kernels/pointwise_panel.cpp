// Register tiles of output channels times pixels: a lane per pixel, so that any number of channels per group fills the
// vectors and neither the input nor the output leaves its row-major order. Bound: the multiply-add units.
#include "kernels/pointwise_panel.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pointwise_panel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/f32_math-inl.hpp"
#include "kernels/target_table.hpp"

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {

// 32 vector registers hold 12 x 2 accumulators, 16 hold half of that.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr int kPointwiseRows = 12;
#else
constexpr int kPointwiseRows = 6;
#endif

HWY_INLINE size_t panel_pixels() {
  return 2 * hn::Lanes(F32());
}

// Recursion instead of an array: compilers keep nested members in registers, arrays they may spill.
template <int kRows, bool kTwo>
struct Channels {
  V32 left, right;
  Channels<kRows - 1, kTwo> rest;

  HWY_INLINE void start(const float* bias, size_t step) {
    left = set(*bias);
    if (kTwo) right = left;
    rest.start(bias + step, step);
  }
  HWY_INLINE void step(const float* weights, V32 x_left, V32 x_right) {
    const V32 w = set(*weights);
    left = hn::MulAdd(w, x_left, left);
    if (kTwo) right = hn::MulAdd(w, x_right, right);
    rest.step(weights + 1, x_left, x_right);
  }
  // A NaN passes: the operand order of Max matters.
  HWY_INLINE void finish(const float* residual, float* dst, size_t channel, V32 low) {
    const F32 d;
    const size_t lanes = hn::Lanes(d);
    if (residual) {
      left = hn::Add(left, hn::LoadU(d, residual));
      if (kTwo) right = hn::Add(right, hn::LoadU(d, residual + lanes));
    }
    hn::StoreU(hn::Max(low, left), d, dst);
    if (kTwo) hn::StoreU(hn::Max(low, right), d, dst + lanes);
    rest.finish(residual ? residual + channel : nullptr, dst + channel, channel, low);
  }
};

template <bool kTwo>
struct Channels<0, kTwo> {
  HWY_INLINE void start(const float*, size_t) {}
  HWY_INLINE void step(const float*, V32, V32) {}
  HWY_INLINE void finish(const float*, float*, size_t, V32) {}
};

struct TileOperands {
  size_t depth;
  const float *weights, *bias;
  size_t bias_step;
  const float* src;
  size_t src_row;
  const float* residual;
  float* dst;
  size_t channel;
  float low;
};

template <int kRows, bool kTwo>
void tile(const TileOperands& t) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  Channels<kRows, kTwo> sums;
  sums.start(t.bias, t.bias_step);
  const float *weights = t.weights, *src = t.src;
  for (size_t k = 0; k < t.depth; ++k, weights += kRows, src += t.src_row) {
    const V32 left = hn::LoadU(d, src);
    sums.step(weights, left, kTwo ? hn::LoadU(d, src + lanes) : left);
  }
  sums.finish(t.residual, t.dst, t.channel, set(t.low));
}

using TileFunction = void (*)(const TileOperands&);
struct TileTable {
  TileFunction one[kPointwiseRows + 1], two[kPointwiseRows + 1];
  template <int kRows>
  constexpr void fill() {
    one[kRows] = &tile<kRows, false>;
    two[kRows] = &tile<kRows, true>;
    if constexpr (kRows > 1) fill<kRows - 1>();
  }
  constexpr TileTable() : one(), two() { fill<kPointwiseRows>(); }
};
constexpr TileTable kTiles;

// The pixels of all input channels one after the other, the last ones filled up with zeros.
void pack(const PointwisePanel& p) {
  const F32 d;
  const size_t lanes = hn::Lanes(d), panel = panel_pixels();
  float* to = p.packed;
  if (p.pixels == panel) {
    for (size_t k = 0; k < p.depth; ++k, to += panel) {
      const float* from = p.src + k * p.channel;
      hn::StoreU(hn::LoadU(d, from), d, to);
      hn::StoreU(hn::LoadU(d, from + lanes), d, to + lanes);
    }
    return;
  }
  for (size_t k = 0; k < p.depth; ++k, to += panel) {
    std::memcpy(to, p.src + k * p.channel, p.pixels * sizeof(float));
    std::memset(to + p.pixels, 0, (panel - p.pixels) * sizeof(float));
  }
}

// The last pixels of a row-major plane pass through a buffer: nothing behind the end is read or written.
void run_partial(const PointwisePanel& p, TileOperands t, size_t rows, TileFunction fn) {
  const size_t panel = panel_pixels();
  HWY_ALIGN float buffer[kPointwiseRows * 2 * HWY_MAX_BYTES / sizeof(float)];
  const float* residual = t.residual;
  float* dst = t.dst;
  if (residual)
    for (size_t r = 0; r < rows; ++r)
      std::memcpy(buffer + r * panel, residual + r * p.channel, p.pixels * sizeof(float));
  t.residual = residual ? buffer : nullptr;
  t.dst = buffer;
  t.channel = panel;
  fn(t);
  for (size_t r = 0; r < rows; ++r) std::memcpy(dst + r * p.channel, buffer + r * panel, p.pixels * sizeof(float));
}

void run(const PointwisePanel& p) {
  const size_t panel = panel_pixels(), lanes = panel / 2;
  const bool whole = p.pixels == panel || p.pixels == lanes;
  const TileFunction* tiles = p.pixels > lanes ? kTiles.two : kTiles.one;
  static constexpr float kNoBias = 0;
  TileOperands t{p.depth, nullptr,   nullptr, p.bias ? size_t{1} : size_t{0}, p.src, p.channel, nullptr,
                 nullptr, p.channel, p.low};
  // Worth it when several tiles read the panel.
  if (!whole || p.last_tile - p.first_tile > 2) {
    pack(p);
    t.src = p.packed;
    t.src_row = panel;
  }
  for (size_t i = p.first_tile; i < p.last_tile; ++i) {
    const size_t first = p.rows * i / p.tile_count, rows = p.rows * (i + 1) / p.tile_count - first;
    t.weights = p.weights + first * p.depth;
    t.bias = p.bias ? p.bias + first : &kNoBias;
    t.residual = p.residual ? p.residual + first * p.channel : nullptr;
    t.dst = p.dst + first * p.channel;
    if (whole)
      tiles[rows](t);
    else
      run_partial(p, t, rows, tiles[rows]);
  }
}

const PointwiseOps* pointwise() {
  static const PointwiseOps kOps = {panel_pixels(), kPointwiseRows, run};
  return &kOps;
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
RLX_TARGET_TABLE(PointwiseOps, pointwise_ops, pointwise)
#endif
