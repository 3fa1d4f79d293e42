// Fragments without matrix units: operands stay in shared memory, each lane computes its elements of C by itself.
#pragma once

#include "reduce.hpp"

namespace simt {

// Which elements of C a lane has when four neighbours share a row, two elements side by side each.
struct QuadLayout {
  static constexpr u32 kSums = 16 * 16 / kWarp, kRows = 64 / kWarp, kRowLanes = 4;
  SIMT_DEVICE static u32 own_row(u32 i) { return i / 2 % kRows; }
  SIMT_DEVICE static u32 lane_row(u32 r) { return lane_index() / 4 + r * (kWarp / 4); }
  SIMT_DEVICE static u32 row(u32 i) { return lane_row(own_row(i)); }
  SIMT_DEVICE static u32 column(u32 i) { return lane_index() % 4 * 2 + i % 2 + i / (2 * kRows) * 8; }
};

// The way from C to A through shared memory, for layouts that do not agree.
template <typename F, typename C, typename T>
SIMT_DEVICE auto operand_from_sums(const C& c, T* scratch) {
  warp_barrier();  // the last operand is read
  SIMT_UNROLL
  for (u32 i = 0; i < F::kSums; ++i) scratch[F::row(i) * 16 + F::column(i)] = convert<T>::from(c.sums[i]);
  warp_barrier();
  return F::template load_a<false>(scratch, 16);
}

template <typename T>
struct LaneFragments : QuadLayout {
  struct C {
    accumulator_t<T> sums[kSums];
  };
  // Element (outer, k) is at[outer·outer_stride + k·depth_stride].
  struct A {
    const T* at;
    u32 outer_stride, depth_stride;
  };
  typedef A B;

  template <bool kDepthMajor>
  SIMT_DEVICE static A load_a(const T* tile, u32 stride) {
    return {tile, kDepthMajor ? 1 : stride, kDepthMajor ? stride : 1};
  }
  template <bool kDepthMajor>
  SIMT_DEVICE static B load_b(const T* tile, u32 stride) {
    return load_a<kDepthMajor>(tile, stride);
  }
  SIMT_DEVICE static void multiply_add(C& c, const A& a, const B& b) {
    typedef accumulator_t<T> Sum;
    for (u32 k = 0; k < 16; ++k) {
      SIMT_UNROLL
      for (u32 i = 0; i < kSums; ++i)
        c.sums[i] += convert<Sum>::from(a.at[row(i) * a.outer_stride + k * a.depth_stride]) *
                     convert<Sum>::from(b.at[column(i) * b.outer_stride + k * b.depth_stride]);
    }
  }
  SIMT_DEVICE static A to_operand(const C& c, T* scratch) { return operand_from_sums<LaneFragments>(c, scratch); }
};

// Which fragments a type has; the files of matrix units say it for those that they multiply.
template <typename T>
struct fragments_of {
  typedef LaneFragments<T> type;
};
template <typename T>
using Fragments = typename fragments_of<T>::type;

}  // namespace simt
