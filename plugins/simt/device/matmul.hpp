// Matrix products with any strides: tiles of kTile × kTile in a block, 4 × 4 of them in a thread's registers, the
// operands' tiles in shared memory. What tensor cores do not take (f32 in full, f64, integers) runs here.
#pragma once

#include "product.hpp"

namespace simt {

constexpr u32 kMatmulStep = 16;   // of k, per tile
constexpr u32 kMatmulThread = 4;  // rows and columns of a thread

// The tile of m × n outputs that begins at (m0, n0). load_a(m, k) and load_b(k, n) give operands inside of the
// matrices, store(m, n, sum) takes results. *_along_k: neighbouring threads read along k, because that is dense in
// memory.
template <typename A, u32 kTile, typename LoadA, typename LoadB, typename Store>
SIMT_DEVICE void product_tile(u64 m0, u64 n0, u64 rows, u64 columns, u64 depth, bool a_along_k, bool b_along_k,
                              LoadA load_a, LoadB load_b, Store store_sum) {
  constexpr u32 kAcross = kTile / kMatmulThread, kThreads = kAcross * kAcross;
  // One column more than is used: threads of a warp that go down a column meet different banks.
  A* tile_a = shared<A>();
  A* tile_b = tile_a + kMatmulStep * (kTile + 1);
  const u32 row = thread_index() / kAcross, column = thread_index() % kAcross;
  A sums[kMatmulThread][kMatmulThread] = {};

  for (u64 k0 = 0; k0 < depth; k0 += kMatmulStep) {
    for (u32 e = thread_index(); e < kMatmulStep * kTile; e += kThreads) {
      const u32 ak = a_along_k ? e % kMatmulStep : e / kTile, am = a_along_k ? e / kMatmulStep : e % kTile;
      const u32 bk = b_along_k ? e % kMatmulStep : e / kTile, bn = b_along_k ? e / kMatmulStep : e % kTile;
      tile_a[ak * (kTile + 1) + am] = k0 + ak < depth && m0 + am < rows ? load_a(m0 + am, k0 + ak) : A(0);
      tile_b[bk * (kTile + 1) + bn] = k0 + bk < depth && n0 + bn < columns ? load_b(k0 + bk, n0 + bn) : A(0);
    }
    barrier();
    SIMT_UNROLL
    for (u32 k = 0; k < kMatmulStep; ++k) {
      SIMT_UNROLL
      for (u32 i = 0; i < kMatmulThread; ++i) {
        SIMT_UNROLL
        for (u32 j = 0; j < kMatmulThread; ++j)
          sums[i][j] += tile_a[k * (kTile + 1) + row + i * kAcross] * tile_b[k * (kTile + 1) + column + j * kAcross];
      }
    }
    barrier();
  }

  for (u32 i = 0; i < kMatmulThread; ++i)
    for (u32 j = 0; j < kMatmulThread; ++j) {
      const u64 m = m0 + row + i * kAcross, n = n0 + column + j * kAcross;
      if (m < rows && n < columns) store_sum(m, n, sums[i][j]);
    }
}

template <typename T, u32 kTile>
SIMT_DEVICE void matmul(const MatmulParams& p) {
  typedef accumulator_t<T> A;
  const u64 tiles = (p.m + kTile - 1) / kTile * p.tiles_n;
  for (u64 block = block_index(); block < tiles * p.batches; block += grid_size()) {
    const u64 batch = block / tiles, tile = block % tiles;
    const Address a = batch_of<T>(p.a, p, p.a_batch, batch), b = batch_of<T>(p.b, p, p.b_batch, batch);
    product_tile<A, kTile>(
        tile / p.tiles_n * kTile, tile % p.tiles_n * kTile, p.m, p.n, p.k, p.a_column == 1, p.b_row == 1,
        [&](u64 m, u64 k) {
          return static_cast<A>(load<T>(a, static_cast<i64>(m) * p.a_row + static_cast<i64>(k) * p.a_column));
        },
        [&](u64 k, u64 n) {
          return static_cast<A>(load<T>(b, static_cast<i64>(k) * p.b_row + static_cast<i64>(n) * p.b_column));
        },
        [&](u64 m, u64 n, A y) { store_product<T>(p, batch, m, n, y); });
  }
}

}  // namespace simt
