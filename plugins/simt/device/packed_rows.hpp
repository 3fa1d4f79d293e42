// Products of a few rows with packed weights (a decode step), where reading the weights is all the work: each row of
// them is read once, in its packed form, by a warp.
//
// Codes are integers, and so is x after split_rows: for 16 neighbours a power of two and 22 bits, in three signed bytes
// (halves: 14 bits in two). That is what x's own dtype tells, near enough, and four products are one dot4.
#pragma once

#include "dequant.hpp"
#include "dot4.hpp"
#include "product.hpp"
#include "tile.hpp"

namespace simt {

// Columns of the product that a warp computes at a time: x is read once for all of them.
constexpr u32 kPackedColumns = 2;

// What split_rows makes of x: pieces of run r at r·kBytes, then all units, then all sums.
template <typename T>
struct SplitRows {
  static constexpr u32 kPieces = sizeof(T) == 4 ? 3 : 2, kWords = kPackedRun / 4;
  static constexpr u32 kBytes = kPieces * kPackedRun;
  Address base;
  u64 runs;

  SIMT_DEVICE u32* piece(u64 run, u32 piece) const {
    return reinterpret_cast<u32*>(base + run * kBytes + piece * kPackedRun);
  }
  // x = unit·Σ piece·256^(last − i)
  SIMT_DEVICE f32& unit(u64 run) const { return reinterpret_cast<f32*>(base + runs * kBytes)[run]; }
  SIMT_DEVICE f32& sum(u64 run) const { return reinterpret_cast<f32*>(base + runs * kBytes)[runs + run]; }
};

template <typename T>
SIMT_DEVICE void split_rows(const SplitParams& p) {
  typedef SplitRows<T> Rows;
  const Rows rows{p.split, p.runs};
  for (u64 run = grid_first(); run < p.runs; run += grid_step()) {
    f32 x[kPackedRun], sum = 0;
    u32 largest = 0;  // bits of floats are in the order of magnitudes, NaN above all
    SIMT_UNROLL
    for (u32 i = 0; i < kPackedRun; ++i) {
      x[i] = load<T>(p.x, static_cast<i64>(run * kPackedRun + i));
      sum += x[i];
      const u32 magnitude = bits_as<u32>(x[i]) & 0x7fffffffu;
      largest = magnitude > largest ? magnitude : largest;
    }
    // Multiples of 2^(exponent − bits); below 2^-100 all are small enough to be nothing.
    constexpr i32 kBits = Rows::kPieces * 8 - 3, kLeast = -100;
    const bool finite = largest < 0x7f800000u;
    const i32 exponent = static_cast<i32>(largest >> 23) - 127, used = exponent < kLeast ? kLeast : exponent;
    const f32 inverse = bits_as<f32>(static_cast<u32>(127 + kBits - used) << 23);
    u32 words[Rows::kPieces][Rows::kWords] = {};
    SIMT_UNROLL
    for (u32 i = 0; i < kPackedRun; ++i) {
      i32 rest = finite ? static_cast<i32>(m_rint(x[i] * inverse)) : 0;
      // An infinity counts as one unit, which is infinite then.
      if (!finite && (bits_as<u32>(x[i]) & 0x7fffffffu) == 0x7f800000u) rest = x[i] > 0 ? 1 : -1;
      SIMT_UNROLL
      for (u32 piece = Rows::kPieces; piece-- > 0;) {
        const i8 low = static_cast<i8>(rest);
        rest = (rest - low) >> 8;
        words[piece][i / 4] |= u32{static_cast<u8>(low)} << i % 4 * 8;
      }
    }
    SIMT_UNROLL
    for (u32 piece = 0; piece < Rows::kPieces; ++piece) {
      SIMT_UNROLL
      for (u32 i = 0; i < Rows::kWords; ++i) rows.piece(run, piece)[i] = words[piece][i];
    }
    rows.unit(run) = finite ? bits_as<f32>(static_cast<u32>(127 + used - kBits) << 23) : bits_as<f32>(largest);
    rows.sum(run) = sum;
  }
}

// Σ code·x over 16 numbers, in units of the run.
template <typename T>
SIMT_DEVICE f32 dot_run(const u32 (&codes)[kPackedRun / 4], const Vector (&x)[SplitRows<T>::kPieces]) {
  constexpr u32 kPieces = SplitRows<T>::kPieces;
  i32 sums[kPieces] = {};
  SIMT_UNROLL
  for (u32 piece = 0; piece < kPieces; ++piece) {
    SIMT_UNROLL
    for (u32 i = 0; i < kPackedRun / 4; ++i) sums[piece] = dot4(codes[i], x[piece].words[i], sums[piece]);
  }
  // Two of them fit an i32, three do not.
  const f32 low = static_cast<f32>(sums[kPieces - 2] * 256 + sums[kPieces - 1]);
  return kPieces == 3 ? static_cast<f32>(sums[0]) * 65536.0f + low : low;
}

// The same for 8-bit floats, on x itself.
template <typename T, u32 kScheme>
SIMT_DEVICE f32 dot_floats(const u32 (&codes)[kPackedRun / 4], Address x, i64 at) {
  f32 sum = 0;
  SIMT_UNROLL
  for (u32 i = 0; i < kPackedRun; ++i) sum += number_of_word<kScheme>(codes[i / 4], i % 4) * load<T>(x, at + i);
  return sum;
}

template <typename T, u32 kScheme>
SIMT_DEVICE void packed_rows(const PackedMatmulParams& p) {
  typedef Packed<kScheme> Weights;
  typedef SplitRows<T> Rows;
  constexpr u32 kWords = kPackedRun / 4;
  const MatmulParams& product = p.product;
  const u64 runs = product.k / kPackedRun, warps = block_size() / kWarp;
  const u64 groups = (product.n + warps * kPackedColumns - 1) / (warps * kPackedColumns);
  const Rows rows{p.split, product.m * runs};
  const bool aligned = Weights::aligned(p.w);
  for (u64 block = block_index(); block < groups; block += grid_size()) {
    const u64 first = (block * warps + thread_index() / kWarp) * kPackedColumns;
    f32 sums[kMostMatmulRows][kPackedColumns] = {};
    for (u64 run = lane_index(); run < runs; run += kWarp) {
      u32 codes[kPackedColumns][kWords] = {};
      quant::Affine<f32> affine[kPackedColumns] = {};
      SIMT_UNROLL
      for (u32 c = 0; c < kPackedColumns; ++c) {
        const u64 n = first + c, k = run * kPackedRun;
        if (n >= product.n) continue;
        const u8* row = reinterpret_cast<const u8*>(p.w.bytes) + n * p.w.row_bytes;
        const u8* at = Weights::block_of(row, k);
        SIMT_UNROLL
        for (u32 i = 0; i < kWords; ++i)
          codes[c][i] = Weights::codes(at, static_cast<u32>(k % Weights::kNumbers) + 4 * i, aligned, p.w.is_signed);
        affine[c] = Weights::template affine<f32, true>(p.w, row, n, k);
      }
      SIMT_UNROLL
      for (u32 m = 0; m < kMostMatmulRows; ++m) {
        if (m >= product.m) continue;
        if constexpr (Weights::kIsFloat) {
          SIMT_UNROLL
          for (u32 c = 0; c < kPackedColumns; ++c)
            sums[m][c] += affine[c].scale * dot_floats<T, kScheme>(codes[c], product.a,
                                                                   static_cast<i64>(m * product.k + run * kPackedRun));
        } else {
          const u64 at = m * runs + run;
          Vector x[Rows::kPieces];
          SIMT_UNROLL
          for (u32 piece = 0; piece < Rows::kPieces; ++piece)
            x[piece] = *reinterpret_cast<const Vector*>(rows.piece(at, piece));
          const f32 unit = rows.unit(at), sum = Weights::kHasOffset ? rows.sum(at) : 0;
          SIMT_UNROLL
          for (u32 c = 0; c < kPackedColumns; ++c) {
            sums[m][c] += affine[c].scale * unit * dot_run<T>(codes[c], x);
            if constexpr (Weights::kHasOffset) sums[m][c] += affine[c].offset * sum;
          }
        }
      }
    }
    SIMT_UNROLL
    for (u32 m = 0; m < kMostMatmulRows; ++m) {
      SIMT_UNROLL
      for (u32 c = 0; c < kPackedColumns; ++c) {
        for (u32 mask = kWarp / 2; mask > 0; mask /= 2) sums[m][c] += shuffle_xor(sums[m][c], mask);
        if (lane_index() == 0 && first + c < product.n && m < product.m)
          store_product<T>(product, 0, m, first + c, sums[m][c]);
      }
    }
  }
}

}  // namespace simt
