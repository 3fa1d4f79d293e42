// Copies into packed order. Rows of a are turned into columns four by four in registers.
#include "gemm/pack.hpp"

#include "gemm/gemm.hpp"

#include <algorithm>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gemm/pack.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR
HWY_INLINE void turn_four(const float* a, size_t row, float* to, size_t to_row) {
  const hn::FixedTag<float, 4> d;
  const hn::Repartition<double, decltype(d)> pairs;
  const auto r0 = hn::LoadU(d, a), r1 = hn::LoadU(d, a + row), r2 = hn::LoadU(d, a + 2 * row),
             r3 = hn::LoadU(d, a + 3 * row);
  const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, r0, r1));
  const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, r2, r3));
  const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, r0, r1));
  const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, r2, r3));
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, to);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, to + to_row);
  hn::StoreU(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, to + 2 * to_row);
  hn::StoreU(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, to + 3 * to_row);
}
#endif

// to[k * rows + r] = a[r * row + k]
void turn_rows(const float* a, size_t row, size_t rows, size_t count, float* to) {
  size_t k = 0;
#if HWY_TARGET != HWY_SCALAR
  if (rows >= 4)
    for (; k + 4 <= count; k += 4) {
      size_t r = 0;
      for (; r + 4 <= rows; r += 4) turn_four(a + r * row + k, row, to + k * rows + r, rows);
      // The last rows once more with some of their neighbours.
      if (r < rows) turn_four(a + (rows - 4) * row + k, row, to + k * rows + rows - 4, rows);
    }
#endif
  for (size_t r = 0; r < rows; ++r)
    for (size_t i = k; i < count; ++i) to[i * rows + r] = a[r * row + i];
}

}  // namespace rlx::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rlx::cpu {

HWY_EXPORT(turn_rows);

void gemm_pack_tiles(const GemmArgs& g, uint64_t first, uint64_t last, uint64_t tile_count, uint64_t tile0,
                     uint64_t tile1, uint64_t k0, uint64_t k1, float* to) {
  const uint64_t total = last - first, depth = k1 - k0;
  for (uint64_t t = tile0; t < tile1; ++t) {
    const uint64_t r0 = piece(total, tile_count, t), rows = piece(total, tile_count, t + 1) - r0;
    const float* from = g.a + (first + r0) * g.a_row + k0 * g.a_col;
    float* tile = to + r0 * depth;
    if (g.a_col == 1) {
      HWY_DYNAMIC_DISPATCH(turn_rows)(from, g.a_row, rows, depth, tile);
    } else if (g.a_row == 1) {
      for (uint64_t k = 0; k < depth; ++k) std::memcpy(tile + k * rows, from + k * g.a_col, rows * sizeof(float));
    } else {
      for (uint64_t r = 0; r < rows; ++r)
        for (uint64_t k = 0; k < depth; ++k) tile[k * rows + r] = from[r * g.a_row + k * g.a_col];
    }
  }
}

void gemm_pack_panel(uint64_t k0, uint64_t k1, uint64_t n, uint64_t column, uint64_t panel, const float* b,
                     uint64_t b_row, uint64_t b_col, float* to) {
  const uint64_t width = std::min(panel, n - column);
  b += column * b_col;
  if (b_col == 1) {
    for (uint64_t k = k0; k < k1; ++k, to += panel) {
      std::memcpy(to, b + k * b_row, width * sizeof(float));
      std::memset(to + width, 0, (panel - width) * sizeof(float));
    }
    return;
  }
  // Few enough rows of k at a time that the lines written stay in the cache until they are full.
  constexpr uint64_t kChunk = 64;
  for (uint64_t begin = k0; begin < k1; begin += kChunk) {
    const uint64_t end = std::min(k1, begin + kChunk);
    for (uint64_t j = 0; j < panel; ++j) {
      float* out = to + (begin - k0) * panel + j;
      if (j < width)
        for (uint64_t k = begin; k < end; ++k, out += panel) *out = b[k * b_row + j * b_col];
      else
        for (uint64_t k = begin; k < end; ++k, out += panel) *out = 0;
    }
  }
}

uint64_t gemm_packed_floats(uint64_t k, uint64_t n) {
  const uint64_t panel = gemm_shape().panel;
  return (n + panel - 1) / panel * panel * k;
}

void gemm_pack(uint64_t k, uint64_t n, const float* b, uint64_t b_row, uint64_t b_col, float* packed) {
  const uint64_t panel = gemm_shape().panel;
  for (uint64_t column = 0; column < n; column += panel, packed += panel * k)
    gemm_pack_panel(0, k, n, column, panel, b, b_row, b_col, packed);
}

void gemm_unpack(uint64_t k, uint64_t n, const float* packed, float* b, uint64_t b_row, uint64_t b_col) {
  const uint64_t panel = gemm_shape().panel;
  for (uint64_t j = 0; j < n; ++j)
    for (uint64_t i = 0; i < k; ++i) b[i * b_row + j * b_col] = packed[j / panel * panel * k + i * panel + j % panel];
}

}  // namespace rlx::cpu
#endif
