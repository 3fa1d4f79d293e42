// Fragments of NVIDIA's tensor cores from sm_80 on: mma.sync and ldmatrix. Two of the instruction's results, 16 × 8
// each, side by side are one C.
#pragma once

#include "fragment_lanes.hpp"

#if SIMT_MATRIX_UNITS == SIMT_MMA

#if !defined(SIMT_CUDA)
#include <emulation/matrix_units.hpp>
#endif

namespace simt {

#if defined(SIMT_CUDA)
// Four matrices of 8 rows of 16 bytes from shared memory. Lane l says where row l % 8 of matrix l / 8 begins (at a
// multiple of 16 bytes) and gets of each matrix word l % 4 of row l / 4. transposed: of 2-byte elements, those at
// (l % 4 · 2, l / 4) and its lower neighbour.
SIMT_DEVICE void matrix_load4(u32* words, const void* row, bool transposed) {
  const u32 at = static_cast<u32>(__cvta_generic_to_shared(row));
  if (transposed)
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(at)
                 : "memory");
  else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(words[0]), "=r"(words[1]), "=r"(words[2]), "=r"(words[3])
                 : "r"(at)
                 : "memory");
}
// Four sums += four words of a · two words of b, where T says what they are: in the layout of mma.m16n8k16 for f16 and
// bf16, of mma.m16n8k8 for tf32.
#define SIMT_MMA_SYNC(shape, types)                                \
  asm("mma.sync.aligned." shape ".row.col.f32." types              \
      ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "        \
      "{%0, %1, %2, %3};"                                          \
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3]) \
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))
template <typename T>
SIMT_DEVICE void matrix_multiply_add(f32* sums, const u32* a, const u32* b) {
  if constexpr (same_type<T, f16>::value)
    SIMT_MMA_SYNC("m16n8k16", "f16.f16");
  else if constexpr (same_type<T, bf16>::value)
    SIMT_MMA_SYNC("m16n8k16", "bf16.bf16");
  else
    SIMT_MMA_SYNC("m16n8k8", "tf32.tf32");
}
#undef SIMT_MMA_SYNC
// x as tf32: 10 bits of mantissa, ties away from zero.
SIMT_DEVICE u32 round_to_tf32(f32 x) {
  u32 y;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
  return y;
}
#endif

// Of f16 and bf16.
template <typename T>
struct MmaFragments : QuadLayout {
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
    for (u32 half = 0; half < 2; ++half) matrix_multiply_add<T>(c.sums + 4 * half, a.words, b.words + 2 * half);
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

// Of tf32, in two steps of 8. With tf32x3 an operand is the sum of two tf32, and of their four products only that of
// the small parts is left out: below 2^-21 of the whole. Infinities become NaN there.
template <typename T>
struct Tf32Fragments : QuadLayout {
  static constexpr bool kSplit = same_type<T, tf32x3>::value;
  struct C {
    f32 sums[kSums];
  };
  // Four words for each step; of B, two for each half of the columns.
  struct A {
    u32 large[8], small[kSplit ? 8 : 1];
  };
  typedef A B;

  template <bool kDepthMajor>
  SIMT_DEVICE static A load_a(const T* tile, u32 stride) {
    return load<kDepthMajor>(tile, stride, true);
  }
  template <bool kDepthMajor>
  SIMT_DEVICE static B load_b(const T* tile, u32 stride) {
    return load<kDepthMajor>(tile, stride, false);
  }
  SIMT_DEVICE static void multiply_add(C& c, const A& a, const B& b) {
    SIMT_UNROLL
    for (u32 step = 0; step < 8; step += 4) {
      SIMT_UNROLL
      for (u32 half = 0; half < 2; ++half) {
        f32* sums = c.sums + 4 * half;
        if constexpr (kSplit) {
          matrix_multiply_add<tf32>(sums, a.small + step, b.large + step + 2 * half);
          matrix_multiply_add<tf32>(sums, a.large + step, b.small + step + 2 * half);
        }
        matrix_multiply_add<tf32>(sums, a.large + step, b.large + step + 2 * half);
      }
    }
  }

  SIMT_DEVICE static A to_operand(const C& c, T* scratch) { return operand_from_sums<Tf32Fragments>(c, scratch); }

 private:
  // Of each step four matrices of 8 × 4 in the order in which the instruction has them: those of A have rows 0, 8, 0, 8
  // and steps of k 0, 0, 4, 4; for B it is the other way round.
  template <bool kDepthMajor>
  SIMT_DEVICE static A load(const T* tile, u32 stride, bool outer_first) {
    const u32 lane = lane_index();
    const auto outer = [&](u32 matrix) { return (outer_first ? matrix % 2 : matrix / 2) * 8; };
    const auto depth = [&](u32 matrix) { return (outer_first ? matrix / 2 : matrix % 2) * 4; };
    A a;
    SIMT_UNROLL
    for (u32 step = 0; step < 2; ++step) {
      u32 words[4];
      if constexpr (kDepthMajor) {
        SIMT_UNROLL
        for (u32 i = 0; i < 4; ++i)
          words[i] = bits_as<u32>(tile[(step * 8 + depth(i) + lane % 4) * stride + outer(i) + lane / 4]);
      } else {
        matrix_load4(words, tile + (outer(lane / 8) + lane % 8) * stride + step * 8 + depth(lane / 8), false);
      }
      SIMT_UNROLL
      for (u32 i = 0; i < 4; ++i) {
        const f32 x = bits_as<f32>(words[i]);
        const u32 large = round_to_tf32(x);
        a.large[step * 4 + i] = large;
        if constexpr (kSplit) a.small[step * 4 + i] = round_to_tf32(x - bits_as<f32>(large));
      }
    }
    return a;
  }
};

template <>
struct fragments_of<f16> {
  typedef MmaFragments<f16> type;
};
template <>
struct fragments_of<bf16> {
  typedef MmaFragments<bf16> type;
};
template <>
struct fragments_of<tf32> {
  typedef Tf32Fragments<tf32> type;
};
template <>
struct fragments_of<tf32x3> {
  typedef Tf32Fragments<tf32x3> type;
};

}  // namespace simt

#endif
