// Fragments of NVIDIA's tensor cores from sm_80 on: mma.m16n8k16 and ldmatrix. Two of the instruction's results side by
// side are one C.
#pragma once

#include "fragment_lanes.hpp"

namespace simt {

template <typename T>
struct in_matrix_units {
  static constexpr bool value = SIMT_MATRIX_UNITS && (same_type<T, f16>::value || same_type<T, bf16>::value);
};

template <typename T>
struct UnitFragments : QuadLayout {
  struct C {
    f32 sums[kSums];
  };
  struct A {
    u32 words[4];
  };
  struct B {
    u32 words[4];  // two for each half of the columns
  };

  template <bool kDepthMajor>
  SIMT_DEVICE static A load_a(const T* tile, u32 stride) {
    const u32 lane = lane_index();
    return load<A>(tile, stride, kDepthMajor, lane / 8 % 2 * 8, lane / 16 * 8);
  }
  template <bool kDepthMajor>
  SIMT_DEVICE static B load_b(const T* tile, u32 stride) {
    const u32 lane = lane_index();
    return load<B>(tile, stride, kDepthMajor, lane / 16 * 8, lane / 8 % 2 * 8);
  }
  SIMT_DEVICE static void multiply_add(C& c, const A& a, const B& b) {
    SIMT_UNROLL
    for (u32 half = 0; half < 2; ++half)
      matrix_multiply_add<same_type<T, bf16>::value>(c.sums + 4 * half, a.words, b.words + 2 * half);
  }
  // The layouts of C and A agree.
  SIMT_DEVICE static A to_operand(const C& c, T*) {
    A a;
    SIMT_UNROLL
    for (u32 i = 0; i < 4; ++i)
      a.words[i] = u32{convert<T>::from(c.sums[2 * i]).bits} | u32{convert<T>::from(c.sums[2 * i + 1]).bits} << 16;
    return a;
  }

 private:
  // Quarters of 8 × 8 in the order in which the instruction has them; (outer, depth) is where this lane's begins.
  template <typename Operand>
  SIMT_DEVICE static Operand load(const T* tile, u32 stride, bool depth_major, u32 outer, u32 depth) {
    Operand operand;
    const u32 row = lane_index() % 8;
    matrix_load4(operand.words,
                 depth_major ? tile + (depth + row) * stride + outer : tile + (outer + row) * stride + depth,
                 depth_major);
    return operand;
  }
};

}  // namespace simt
