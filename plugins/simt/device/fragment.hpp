// Products of small matrices by a whole warp: C (16 × 8) += A (16 × 16) · B (16 × 8), added up in accumulator_t. Where
// the chip multiplies halves in one instruction a fragment is registers; elsewhere it says where the operand is in
// shared memory, and each lane computes its elements of C itself. Every lane of the warp makes each call.
#pragma once

#include "reduce.hpp"

namespace simt {

template <typename T>
struct in_matrix_units {
  static constexpr bool value = SIMT_MATRIX_UNITS && (same_type<T, f16>::value || same_type<T, bf16>::value);
};

// Elements of C that a lane has, and where they are. Four neighbouring lanes share a row, two elements each.
constexpr u32 kFragmentSums = 16 * 8 / kWarp;
constexpr u32 kFragmentRows = kFragmentSums / 2;
SIMT_DEVICE u32 fragment_row(u32 i) {
  return lane_index() / 4 + i / 2 * (kWarp / 4);
}
SIMT_DEVICE u32 fragment_column(u32 i) {
  return lane_index() % 4 * 2 + i % 2;
}

template <typename T>
struct FragmentC {
  accumulator_t<T> sums[kFragmentSums];
};
// An operand of 16 × 16 or, for B, of 16 × 8: element (outer, k) is at[outer·outer_stride + k·depth_stride].
template <typename T, bool kUnits = in_matrix_units<T>::value>
struct FragmentA {
  const T* at;
  u32 outer_stride, depth_stride;
};
template <typename T, bool kUnits = in_matrix_units<T>::value>
struct FragmentB {
  const T* at;
  u32 outer_stride, depth_stride;
};
template <typename T>
struct FragmentA<T, true> {
  u32 words[4];
};
template <typename T>
struct FragmentB<T, true> {
  u32 words[2];
};

// A from a tile whose rows are A's (kDepthMajor false: 16 of them) or the steps of k. stride: elements between the
// tile's rows, which begin at multiples of 16 bytes.
template <bool kDepthMajor, typename T>
SIMT_DEVICE FragmentA<T> load_a(const T* tile, u32 stride) {
  FragmentA<T> a;
  if constexpr (in_matrix_units<T>::value) {
    const u32 lane = lane_index(), outer = lane / 8 % 2 * 8, depth = lane / 16 * 8, row = lane % 8;
    matrix_load4(a.words, kDepthMajor ? tile + (depth + row) * stride + outer : tile + (outer + row) * stride + depth,
                 kDepthMajor);
  } else {
    a = {tile, kDepthMajor ? 1 : stride, kDepthMajor ? stride : 1};
  }
  return a;
}
// Two B side by side, of 16 columns, from a tile whose rows are B's columns or (kDepthMajor) the steps of k.
template <bool kDepthMajor, typename T>
SIMT_DEVICE void load_b(FragmentB<T>& left, FragmentB<T>& right, const T* tile, u32 stride) {
  if constexpr (in_matrix_units<T>::value) {
    const u32 lane = lane_index(), outer = lane / 16 * 8, depth = lane / 8 % 2 * 8, row = lane % 8;
    u32 words[4];
    matrix_load4(words, kDepthMajor ? tile + (depth + row) * stride + outer : tile + (outer + row) * stride + depth,
                 kDepthMajor);
    left.words[0] = words[0];
    left.words[1] = words[1];
    right.words[0] = words[2];
    right.words[1] = words[3];
  } else {
    left = {tile, kDepthMajor ? 1 : stride, kDepthMajor ? stride : 1};
    right = left;
    right.at += 8 * left.outer_stride;
  }
}

template <typename T>
SIMT_DEVICE void multiply_add(FragmentC<T>& c, const FragmentA<T>& a, const FragmentB<T>& b) {
  if constexpr (in_matrix_units<T>::value) {
    matrix_multiply_add<same_type<T, bf16>::value>(c.sums, a.words, b.words);
  } else {
    typedef accumulator_t<T> A;
    for (u32 k = 0; k < 16; ++k) {
      SIMT_UNROLL
      for (u32 i = 0; i < kFragmentSums; ++i)
        c.sums[i] += convert<A>::from(a.at[fragment_row(i) * a.outer_stride + k * a.depth_stride]) *
                     convert<A>::from(b.at[fragment_column(i) * b.outer_stride + k * b.depth_stride]);
    }
  }
}

// Two C side by side, rounded to T, as an operand. scratch: 16 × 16 elements of shared memory that only this warp uses.
template <typename T>
SIMT_DEVICE FragmentA<T> to_operand(const FragmentC<T>& left, const FragmentC<T>& right, T* scratch) {
  FragmentA<T> a;
  if constexpr (in_matrix_units<T>::value) {
    const auto pack = [](f32 low, f32 high) {
      return u32{convert<T>::from(low).bits} | u32{convert<T>::from(high).bits} << 16;
    };
    SIMT_UNROLL
    for (u32 i = 0; i < 2; ++i) {
      a.words[i] = pack(left.sums[2 * i], left.sums[2 * i + 1]);
      a.words[2 + i] = pack(right.sums[2 * i], right.sums[2 * i + 1]);
    }
  } else {
    warp_barrier();  // the last operand is read
    SIMT_UNROLL
    for (u32 i = 0; i < kFragmentSums; ++i) {
      T* row = scratch + fragment_row(i) * 16 + fragment_column(i);
      row[0] = convert<T>::from(left.sums[i]);
      row[8] = convert<T>::from(right.sums[i]);
    }
    warp_barrier();
    a = {scratch, 16, 1};
  }
  return a;
}

// What one load or store of a thread moves at most.
struct alignas(16) Vector {
  u32 words[4];
};

}  // namespace simt
