// Matrix products of halves on matrix units: tiles of kTile × kTile in a block, of kTile / 2 × 32 in a warp. While one
// step of k is multiplied the next one is on its way from memory to registers; two halves of shared memory take turns.
#pragma once

#include "product.hpp"
#include "tile.hpp"

namespace simt {

// k*DepthMajor: neighbours in memory are rows of a (columns of b), not steps of k.
template <typename T, u32 kTile, bool kADepthMajor, bool kBDepthMajor>
SIMT_DEVICE void fragment_matmul(const MatmulParams& p) {
  constexpr u32 kStep = kFragmentStep, kWarpsAcross = kTile / kFragmentWarpColumns;
  constexpr u32 kThreads = 2 * kWarpsAcross * kWarp, kRows = kTile / 2 / 16, kColumns = kFragmentWarpColumns / 8;
  typedef Tile<T, kADepthMajor ? kStep : kTile, kADepthMajor ? kTile : kStep> TileA;
  typedef Tile<T, kBDepthMajor ? kStep : kTile, kBDepthMajor ? kTile : kStep> TileB;
  constexpr u32 kVectorsA = TileA::kVectors / kThreads, kVectorsB = TileB::kVectors / kThreads;
  T* tiles_a = shared<T>();
  T* tiles_b = tiles_a + 2 * TileA::kElements;
  const u32 warp = thread_index() / kWarp;
  const u32 warp_row = warp / kWarpsAcross * (kTile / 2), warp_column = warp % kWarpsAcross * kFragmentWarpColumns;

  const u64 tiles = (p.m + kTile - 1) / kTile * p.tiles_n;
  for (u64 block = block_index(); block < tiles * p.batches; block += grid_size()) {
    const u64 batch = block / tiles, tile = block % tiles;
    const u64 m0 = tile / p.tiles_n * kTile, n0 = tile % p.tiles_n * kTile;
    const i64 step_a = kADepthMajor ? p.a_column : p.a_row, step_b = kBDepthMajor ? p.b_row : p.b_column;
    const Address a = batch_of<T>(p.a, p, p.a_batch, batch), b = batch_of<T>(p.b, p, p.b_batch, batch);
    const bool wide_a = is_wide<T>(a, static_cast<u64>(step_a), kADepthMajor ? p.m : p.k);
    const bool wide_b = is_wide<T>(b, static_cast<u64>(step_b), kBDepthMajor ? p.n : p.k);

    Vector next_a[kVectorsA], next_b[kVectorsB];
    const auto read = [&](u64 k0) {
      const u64 outer_a = kADepthMajor ? k0 : m0, inner_a = kADepthMajor ? m0 : k0;
      const u64 outer_b = kBDepthMajor ? k0 : n0, inner_b = kBDepthMajor ? n0 : k0;
      SIMT_UNROLL
      for (u32 i = 0; i < kVectorsA; ++i)
        next_a[i] = TileA::read(a, thread_index() + i * kThreads, (kADepthMajor ? p.k : p.m) - outer_a,
                                (kADepthMajor ? p.m : p.k) - inner_a, wide_a, [&](u64 row) {
                                  return static_cast<i64>(outer_a + row) * step_a + static_cast<i64>(inner_a);
                                });
      SIMT_UNROLL
      for (u32 i = 0; i < kVectorsB; ++i)
        next_b[i] = TileB::read(b, thread_index() + i * kThreads, (kBDepthMajor ? p.k : p.n) - outer_b,
                                (kBDepthMajor ? p.n : p.k) - inner_b, wide_b, [&](u64 row) {
                                  return static_cast<i64>(outer_b + row) * step_b + static_cast<i64>(inner_b);
                                });
    };

    FragmentC<T> sums[kRows][kColumns] = {};
    u32 half = 0;
    if (p.k > 0) read(0);
    for (u64 k0 = 0; k0 < p.k; k0 += kStep, half ^= 1) {
      T* tile_a = tiles_a + half * TileA::kElements;
      T* tile_b = tiles_b + half * TileB::kElements;
      SIMT_UNROLL
      for (u32 i = 0; i < kVectorsA; ++i) TileA::write(tile_a, thread_index() + i * kThreads, next_a[i]);
      SIMT_UNROLL
      for (u32 i = 0; i < kVectorsB; ++i) TileB::write(tile_b, thread_index() + i * kThreads, next_b[i]);
      // The other half is written in the next step, when all have passed here and so are done with it.
      barrier();
      if (k0 + kStep < p.k) read(k0 + kStep);
      SIMT_UNROLL
      for (u32 k = 0; k < kStep; k += 16) {
        FragmentA<T> left[kRows];
        SIMT_UNROLL
        for (u32 i = 0; i < kRows; ++i) {
          const u32 m = warp_row + i * 16;
          left[i] = load_a<kADepthMajor>(tile_a + (kADepthMajor ? k * TileA::kStride + m : m * TileA::kStride + k),
                                         TileA::kStride);
        }
        SIMT_UNROLL
        for (u32 j = 0; j < kColumns; j += 2) {
          const u32 n = warp_column + j * 8;
          FragmentB<T> right, right_next;
          load_b<kBDepthMajor>(right, right_next,
                               tile_b + (kBDepthMajor ? k * TileB::kStride + n : n * TileB::kStride + k),
                               TileB::kStride);
          SIMT_UNROLL
          for (u32 i = 0; i < kRows; ++i) {
            multiply_add(sums[i][j], left[i], right);
            multiply_add(sums[i][j + 1], left[i], right_next);
          }
        }
      }
    }
    barrier();  // the next tile's first step

    SIMT_UNROLL
    for (u32 i = 0; i < kRows; ++i) {
      SIMT_UNROLL
      for (u32 j = 0; j < kColumns; ++j) {
        SIMT_UNROLL
        for (u32 e = 0; e < kFragmentSums; ++e) {
          const u64 m = m0 + warp_row + i * 16 + fragment_row(e), n = n0 + warp_column + j * 8 + fragment_column(e);
          if (m >= p.m || n >= p.n) continue;
          store_product<T>(p, batch, m, n, sums[i][j].sums[e]);
        }
      }
    }
  }
}

}  // namespace simt
