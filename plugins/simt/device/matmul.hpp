// Matrix products with any strides: tiles of kTile × kTile in a block, 4 × 4 of them in a thread's registers, the
// operands' tiles in shared memory. What tensor cores do not take (f32 in full, f64, integers) runs here.
#pragma once

#include "reduce.hpp"
#include "rows.hpp"

namespace simt {

constexpr u32 kMatmulStep = 16;   // of k, per tile
constexpr u32 kMatmulThread = 4;  // rows and columns of a thread

template <typename T, u32 kTile>
SIMT_DEVICE void matmul(const MatmulParams& p) {
  typedef accumulator_t<T> A;
  constexpr u32 kAcross = kTile / kMatmulThread, kThreads = kAcross * kAcross;
  // One column more than is used: threads of a warp that go down a column meet different banks.
  A* tile_a = shared<A>();
  A* tile_b = tile_a + kMatmulStep * (kTile + 1);
  const u64 tiles_m = (p.m + kTile - 1) / kTile, tiles = tiles_m * p.tiles_n;
  const u32 row = thread_index() / kAcross, column = thread_index() % kAcross;

  for (u64 block = block_index(); block < tiles * p.batches; block += grid_size()) {
    const u64 batch = block / tiles, tile = block % tiles;
    const u64 m0 = tile / p.tiles_n * kTile, n0 = tile % p.tiles_n * kTile;
    const i64 a0 = strided_offset(batch, p.batch_rank, p.batch_dims, p.a_batch);
    const i64 b0 = strided_offset(batch, p.batch_rank, p.batch_dims, p.b_batch);
    A sums[kMatmulThread][kMatmulThread] = {};

    for (u64 k0 = 0; k0 < p.k; k0 += kMatmulStep) {
      for (u32 e = thread_index(); e < kMatmulStep * kTile; e += kThreads) {
        // Neighbouring threads read along the axis that is dense in memory.
        const u32 ak = p.a_column == 1 ? e % kMatmulStep : e / kTile,
                  am = p.a_column == 1 ? e / kMatmulStep : e % kTile;
        const u32 bk = p.b_row == 1 ? e % kMatmulStep : e / kTile, bn = p.b_row == 1 ? e / kMatmulStep : e % kTile;
        const bool has_a = k0 + ak < p.k && m0 + am < p.m, has_b = k0 + bk < p.k && n0 + bn < p.n;
        tile_a[ak * (kTile + 1) + am] = has_a ? static_cast<A>(load<T>(p.a, a0 + static_cast<i64>(m0 + am) * p.a_row +
                                                                                static_cast<i64>(k0 + ak) * p.a_column))
                                              : A(0);
        tile_b[bk * (kTile + 1) + bn] = has_b ? static_cast<A>(load<T>(p.b, b0 + static_cast<i64>(k0 + bk) * p.b_row +
                                                                                static_cast<i64>(n0 + bn) * p.b_column))
                                              : A(0);
      }
      barrier();
#pragma unroll
      for (u32 k = 0; k < kMatmulStep; ++k)
#pragma unroll
        for (u32 i = 0; i < kMatmulThread; ++i)
#pragma unroll
          for (u32 j = 0; j < kMatmulThread; ++j)
            sums[i][j] += tile_a[k * (kTile + 1) + row + i * kAcross] * tile_b[k * (kTile + 1) + column + j * kAcross];
      barrier();
    }

    for (u32 i = 0; i < kMatmulThread; ++i)
      for (u32 j = 0; j < kMatmulThread; ++j) {
        const u64 m = m0 + row + i * kAcross, n = n0 + column + j * kAcross;
        if (m >= p.m || n >= p.n) continue;
        A y = sums[i][j];
        if (p.bias) y += static_cast<A>(load<T>(p.bias, static_cast<i64>(n)));
        store<T>(p.y, static_cast<i64>((batch * p.m + m) * p.n + n), static_cast<lane_t<T>>(y));
      }
  }
}

}  // namespace simt
