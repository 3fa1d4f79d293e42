// Products of a few rows with a matrix, where reading the matrix is all the work (a decode step): every element of it
// is read once, 16 bytes at a time, and meets all rows.
#pragma once

#include "product.hpp"
#include "tile.hpp"

namespace simt {

template <typename T>
struct Elements {
  T at[sizeof(Vector) / sizeof(T)];
};

// Matrix rows are columns of b, dense along k: a warp for each column.
template <typename T>
SIMT_DEVICE void row_matmul_columns(const MatmulParams& p) {
  typedef accumulator_t<T> A;
  constexpr u32 kPerVector = sizeof(Vector) / sizeof(T);
  const u64 warps = block_size() / kWarp, groups = (p.n + warps - 1) / warps;
  for (u64 block = block_index(); block < groups * p.batches; block += grid_size()) {
    const u64 batch = block / groups, n = block % groups * warps + thread_index() / kWarp;
    const Address a = batch_of<T>(p.a, p, p.a_batch, batch), b = batch_of<T>(p.b, p, p.b_batch, batch);
    const bool wide_a = is_wide<T>(a, static_cast<u64>(p.a_row), p.k);
    const bool wide_b = is_wide<T>(b, static_cast<u64>(p.b_column), p.k);
    const T* column = reinterpret_cast<const T*>(b) + static_cast<i64>(n) * p.b_column;
    A sums[kMostMatmulRows] = {};
    SIMT_UNROLL_BY(2)
    for (u64 k = lane_index() * kPerVector; n < p.n && k < p.k; k += kWarp * kPerVector) {
      const auto w = bits_as<Elements<T>>(read_vector(column + k, p.k - k, wide_b));
      SIMT_UNROLL
      for (u32 m = 0; m < kMostMatmulRows; ++m) {
        if (m >= p.m) continue;
        const T* row = reinterpret_cast<const T*>(a) + m * p.a_row + static_cast<i64>(k);
        const auto x = bits_as<Elements<T>>(read_vector(row, p.k - k, wide_a));
        SIMT_UNROLL
        for (u32 i = 0; i < kPerVector; ++i) sums[m] += convert<A>::from(x.at[i]) * convert<A>::from(w.at[i]);
      }
    }
    SIMT_UNROLL
    for (u32 m = 0; m < kMostMatmulRows; ++m) {
      for (u32 mask = kWarp / 2; mask > 0; mask /= 2) sums[m] += shuffle_xor(sums[m], mask);
      if (lane_index() == 0 && n < p.n && m < p.m) store_product<T>(p, batch, m, n, sums[m]);
    }
  }
}

// Matrix rows are steps of k, dense along the columns: four lanes share a step, the block's others take other steps.
template <typename T>
SIMT_DEVICE void row_matmul_steps(const MatmulParams& p) {
  typedef accumulator_t<T> A;
  constexpr u32 kPerVector = sizeof(Vector) / sizeof(T), kAcross = 4, kColumns = kAcross * kPerVector;
  A* partial = shared<A>();  // of each warp: rows × kColumns
  const u32 slices = block_size() / kAcross, slice = thread_index() / kAcross;
  const u32 first = thread_index() % kAcross * kPerVector, warps = block_size() / kWarp;
  const u64 groups = (p.n + kColumns - 1) / kColumns;
  for (u64 block = block_index(); block < groups * p.batches; block += grid_size()) {
    const u64 batch = block / groups, n0 = block % groups * kColumns;
    const Address a = batch_of<T>(p.a, p, p.a_batch, batch), b = batch_of<T>(p.b, p, p.b_batch, batch);
    const bool wide = is_wide<T>(b, static_cast<u64>(p.b_row), p.n);
    A sums[kMostMatmulRows][kPerVector] = {};
    SIMT_UNROLL_BY(4)
    for (u64 k = slice; n0 + first < p.n && k < p.k; k += slices) {
      const T* row = reinterpret_cast<const T*>(b) + static_cast<i64>(k) * p.b_row + static_cast<i64>(n0 + first);
      const auto w = bits_as<Elements<T>>(read_vector(row, p.n - n0 - first, wide));
      SIMT_UNROLL
      for (u32 m = 0; m < kMostMatmulRows; ++m) {
        if (m >= p.m) continue;
        const A x = convert<A>::from(load<T>(a, m * p.a_row + static_cast<i64>(k)));
        SIMT_UNROLL
        for (u32 i = 0; i < kPerVector; ++i) sums[m][i] += x * convert<A>::from(w.at[i]);
      }
    }
    SIMT_UNROLL
    for (u32 m = 0; m < kMostMatmulRows; ++m) {
      SIMT_UNROLL
      for (u32 i = 0; i < kPerVector; ++i) {
        for (u32 mask = kWarp / 2; mask >= kAcross; mask /= 2) sums[m][i] += shuffle_xor(sums[m][i], mask);
        if (lane_index() < kAcross)
          partial[(thread_index() / kWarp * kMostMatmulRows + m) * kColumns + first + i] = sums[m][i];
      }
    }
    barrier();
    for (u32 at = thread_index(); at < kMostMatmulRows * kColumns; at += block_size()) {
      const u64 m = at / kColumns, n = n0 + at % kColumns;
      if (m >= p.m || n >= p.n) continue;
      A sum = A(0);
      for (u32 warp = 0; warp < warps; ++warp) sum += partial[warp * kMostMatmulRows * kColumns + at];
      store_product<T>(p, batch, m, n, sum);
    }
    barrier();  // partial is read
  }
}

}  // namespace simt
