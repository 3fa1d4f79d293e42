// Matrix products on matrix units.
#pragma once

#include "fragment_tile.hpp"
#include "product.hpp"

namespace simt {

// k*DepthMajor: neighbours in memory are rows of a (columns of b), not steps of k.
template <typename T, u32 kTile, bool kADepthMajor, bool kBDepthMajor>
SIMT_DEVICE void fragment_matmul(const MatmulParams& p) {
  typedef FragmentTile<T, kTile, kADepthMajor, kBDepthMajor> Product;
  const u64 tiles = (p.m + kTile - 1) / kTile * p.tiles_n;
  for (u64 block = block_index(); block < tiles * p.batches; block += grid_size()) {
    const u64 batch = block / tiles, tile = block % tiles;
    const u64 m0 = tile / p.tiles_n * kTile, n0 = tile % p.tiles_n * kTile;
    MatrixOperand<T, typename Product::TileA, kADepthMajor, Product::kThreads> a(
        batch_of<T>(p.a, p, p.a_batch, batch), m0, p.m, p.k, kADepthMajor ? p.a_column : p.a_row);
    MatrixOperand<T, typename Product::TileB, kBDepthMajor, Product::kThreads> b(
        batch_of<T>(p.b, p, p.b_batch, batch), n0, p.n, p.k, kBDepthMajor ? p.b_row : p.b_column);
    Product::multiply(p.k, a, b, [&](u32 m, u32 n, accumulator_t<T> sum) {
      if (m0 + m < p.m && n0 + n < p.n) store_product<T>(p, batch, m0 + m, n0 + n, sum);
    });
  }
}

}  // namespace simt
