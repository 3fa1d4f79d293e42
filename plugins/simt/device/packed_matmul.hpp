// Products of many rows with packed weights: the tiles of other products, whose right side is decoded on its way into
// shared memory. On matrix units numbers are rounded to the halves that x has.
#pragma once

#include "dequant.hpp"
#include "fragment_tile.hpp"
#include "matmul.hpp"

namespace simt {

// In f32, and what matrix units do not take.
template <typename T, u32 kTile, u32 kScheme>
SIMT_DEVICE void packed_matmul(const PackedMatmulParams& params) {
  const MatmulParams& p = params.product;
  const u64 tiles = (p.m + kTile - 1) / kTile * p.tiles_n;
  for (u64 tile = block_index(); tile < tiles; tile += grid_size())
    product_tile<f32, kTile>(
        tile / p.tiles_n * kTile, tile % p.tiles_n * kTile, p.m, p.n, p.k, true, true,
        [&](u64 m, u64 k) { return static_cast<f32>(load<T>(p.a, static_cast<i64>(m * p.k + k))); },
        [&](u64 k, u64 n) { return Packed<kScheme>::template number<f32>(params.w, n, k); },
        [&](u64 m, u64 n, f32 y) { store_product<T>(p, 0, m, n, y); });
}

// Rows of packed weights as an operand of FragmentTile (see there), eight numbers at a time.
template <typename T, typename Tile, u32 kScheme, u32 kThreads>
class PackedOperand {
 public:
  // outer0: the first row. A row has `depth` numbers, a multiple of 16.
  SIMT_DEVICE PackedOperand(const PackedWeights& w, u64 outer0, u64 outers, u64 depth)
      : w_(w), outer0_(outer0), outers_(outers), depth_(depth), aligned_(Weights::aligned(w)) {}

  SIMT_DEVICE void fetch(u64 k0, T*) {
    SIMT_UNROLL
    for (u32 i = 0; i < kHeld; ++i) {
      const u32 vector = thread_index() + i * kThreads;
      const u64 n = outer0_ + vector / Tile::kPerRow, k = k0 + vector % Tile::kPerRow * Tile::kPerVector;
      held_[i] = n < outers_ && k < depth_ ? decoded(n, k) : Vector{};
    }
  }
  SIMT_DEVICE void finish(T* tile) {
    SIMT_UNROLL
    for (u32 i = 0; i < kHeld; ++i) Tile::write(tile, thread_index() + i * kThreads, held_[i]);
  }

 private:
  typedef Packed<kScheme> Weights;
  static constexpr u32 kHeld = Tile::kVectors / kThreads;

  SIMT_DEVICE Vector decoded(u64 n, u64 k) const {
    const u8* row = reinterpret_cast<const u8*>(w_.bytes) + n * w_.row_bytes;
    const u8* block = Weights::block_of(row, k);
    const quant::Affine<f32> a = Weights::template affine<f32, true>(w_, row, n, k);
    struct {
      T at[Tile::kPerVector];
    } numbers;
    SIMT_UNROLL
    for (u32 i = 0; i < Tile::kPerVector; i += 4) {
      const u32 word = Weights::codes(block, static_cast<u32>(k % Weights::kNumbers) + i, aligned_, w_.is_signed);
      SIMT_UNROLL
      for (u32 j = 0; j < 4; ++j)
        numbers.at[i + j] = convert<T>::from(a.scale * number_of_word<kScheme>(word, j) + a.offset);
    }
    return bits_as<Vector>(numbers);
  }

  const PackedWeights& w_;
  u64 outer0_, outers_, depth_;
  bool aligned_;
  Vector held_[kHeld];
};

template <typename T, u32 kTile, u32 kScheme>
SIMT_DEVICE void packed_fragments(const PackedMatmulParams& params) {
  typedef FragmentTile<T, kTile, false, false> Product;
  const MatmulParams& p = params.product;
  const u64 tiles = (p.m + kTile - 1) / kTile * p.tiles_n;
  for (u64 tile = block_index(); tile < tiles; tile += grid_size()) {
    const u64 m0 = tile / p.tiles_n * kTile, n0 = tile % p.tiles_n * kTile;
    MatrixOperand<T, typename Product::TileA, false, Product::kThreads> a(p.a, m0, p.m, p.k, static_cast<i64>(p.k));
    PackedOperand<T, typename Product::TileB, kScheme, Product::kThreads> b(params.w, n0, p.n, p.k);
    Product::multiply(p.k, a, b, [&](u32 m, u32 n, accumulator_t<T> sum) {
      if (m0 + m < p.m && n0 + n < p.n) store_product<T>(p, 0, m0 + m, n0 + n, sum);
    });
  }
}

}  // namespace simt
