// The loop that all large products share: a block adds up kTile × kTile results, a warp kTile / 2 × 32 of them. While
// one step of k is multiplied the next one is on its way from memory; two halves of shared memory take turns.
//
// Where operands come from is not the loop's business. An operand has
//   fetch(k0, tile)   begins to bring the step of k at k0 to this thread's share of a tile, by copies that go on by
//                     themselves or into registers
//   finish(tile)      ends that: the share is written when it returns
#pragma once

#include "tile.hpp"

namespace simt {

// k*DepthMajor: neighbours in the tile of a are rows (of b columns), not steps of k.
template <typename T, u32 kTile, bool kADepthMajor, bool kBDepthMajor>
struct FragmentTile {
  typedef Fragments<T> F;
  static constexpr u32 kStep = kFragmentStepBytes / sizeof(T), kWarpsAcross = kTile / kFragmentWarpColumns;
  static constexpr u32 kThreads = 2 * kWarpsAcross * kWarp;
  static constexpr u32 kRows = kTile / 2 / 16, kColumns = kFragmentWarpColumns / 16;  // fragments of a warp
  typedef Tile<T, kADepthMajor ? kStep : kTile, kADepthMajor ? kTile : kStep> TileA;
  typedef Tile<T, kBDepthMajor ? kStep : kTile, kBDepthMajor ? kTile : kStep> TileB;

  // store(m, n, sum) takes every result of the tile, those beyond the matrices' edges, too. Shared memory: two of
  // TileA, two of TileB.
  template <typename OperandA, typename OperandB, typename Store>
  SIMT_DEVICE static void multiply(u64 depth, OperandA& a, OperandB& b, Store store) {
    T* tiles_a = shared<T>();
    T* tiles_b = tiles_a + 2 * TileA::kElements;
    const u32 warp = thread_index() / kWarp;
    const u32 warp_row = warp / kWarpsAcross * (kTile / 2), warp_column = warp % kWarpsAcross * kFragmentWarpColumns;

    typename F::C sums[kRows][kColumns] = {};
    u32 half = 0;
    if (depth > 0) {
      a.fetch(0, tiles_a);
      b.fetch(0, tiles_b);
    }
    for (u64 k0 = 0; k0 < depth; k0 += kStep, half ^= 1) {
      T* tile_a = tiles_a + half * TileA::kElements;
      T* tile_b = tiles_b + half * TileB::kElements;
      a.finish(tile_a);
      b.finish(tile_b);
      // Behind it all are done with the other half.
      barrier();
      if (k0 + kStep < depth) {
        a.fetch(k0 + kStep, tiles_a + (half ^ 1) * TileA::kElements);
        b.fetch(k0 + kStep, tiles_b + (half ^ 1) * TileB::kElements);
      }
      SIMT_UNROLL
      for (u32 k = 0; k < kStep; k += 16) {
        typename F::A left[kRows];
        SIMT_UNROLL
        for (u32 i = 0; i < kRows; ++i) {
          const u32 m = warp_row + i * 16;
          left[i] = F::template load_a<kADepthMajor>(
              tile_a + (kADepthMajor ? k * TileA::kStride + m : m * TileA::kStride + k), TileA::kStride);
        }
        SIMT_UNROLL
        for (u32 j = 0; j < kColumns; ++j) {
          const u32 n = warp_column + j * 16;
          const typename F::B right = F::template load_b<kBDepthMajor>(
              tile_b + (kBDepthMajor ? k * TileB::kStride + n : n * TileB::kStride + k), TileB::kStride);
          SIMT_UNROLL
          for (u32 i = 0; i < kRows; ++i) F::multiply_add(sums[i][j], left[i], right);
        }
      }
    }
    barrier();  // the next tile's first step

    SIMT_UNROLL
    for (u32 i = 0; i < kRows; ++i) {
      SIMT_UNROLL
      for (u32 j = 0; j < kColumns; ++j) {
        SIMT_UNROLL
        for (u32 e = 0; e < F::kSums; ++e)
          store(warp_row + i * 16 + F::row(e), warp_column + j * 16 + F::column(e), sums[i][j].sums[e]);
      }
    }
  }
};

// Tiles of a matrix in memory, as an operand. Depth: steps of k. Outer: rows of a, columns of b.
template <typename T, typename Tile, bool kDepthMajor, u32 kThreads>
class MatrixOperand {
 public:
  // outer0: where the tile begins. stride: elements between what is `outer` apart, or (kDepthMajor) a step of k; the
  // other axis is dense.
  SIMT_DEVICE MatrixOperand(Address base, u64 outer0, u64 outers, u64 depth, i64 stride)
      : base_(base),
        outer0_(outer0),
        outers_(outers),
        depth_(depth),
        stride_(stride),
        wide_(is_wide<T>(base, static_cast<u64>(stride), kDepthMajor ? outers : depth)) {}

  SIMT_DEVICE void fetch(u64 k0, T* tile) {
    const u64 row0 = kDepthMajor ? k0 : outer0_, column0 = kDepthMajor ? outer0_ : k0;
    const u64 outer = (kDepthMajor ? depth_ : outers_) - row0, inner = (kDepthMajor ? outers_ : depth_) - column0;
    const auto start = [&](u64 row) { return static_cast<i64>(row0 + row) * stride_ + static_cast<i64>(column0); };
    SIMT_UNROLL
    for (u32 i = 0; i < kHeld; ++i) {
      const u32 vector = thread_index() + i * kThreads;
      if (kAsyncCopies && wide_)
        Tile::move(tile, base_, vector, outer, inner, start);
      else
        held_[i] = Tile::read(base_, vector, outer, inner, wide_, start);
    }
  }
  SIMT_DEVICE void finish(T* tile) {
    if (kAsyncCopies && wide_) {
      wait_for_copies();
      return;
    }
    SIMT_UNROLL
    for (u32 i = 0; i < kHeld; ++i) Tile::write(tile, thread_index() + i * kThreads, held_[i]);
  }

 private:
  static constexpr u32 kHeld = Tile::kVectors / kThreads;
  Address base_;
  u64 outer0_, outers_, depth_;
  i64 stride_;
  bool wide_;
  Vector held_[kHeld];
};

}  // namespace simt
