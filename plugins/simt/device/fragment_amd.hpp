// Fragments of AMD's matrix cores: MFMA of CDNA in waves of 64, WMMA of RDNA 3 and of RDNA 4 in waves of 32. All
// instructions multiply 16 × 16 by 16 × 16. A lane has neighbouring steps of k of one row of A, or column of B, and
// elements of one column of C; how many and which differs.
//
// Layouts: AMD's matrix instruction calculator (MFMA, RDNA 3), "Using the matrix cores of RDNA 4" on GPUOpen.
#pragma once

#include "fragment_lanes.hpp"

#if SIMT_MATRIX_UNITS == SIMT_MFMA || SIMT_MATRIX_UNITS == SIMT_WMMA || SIMT_MATRIX_UNITS == SIMT_WMMA_GFX12

#if !defined(SIMT_HIP)
#include <emulation/matrix_units.hpp>
#endif

namespace simt {

#if SIMT_MATRIX_UNITS == SIMT_MFMA
constexpr u32 kAmdDepth = 4;
#elif SIMT_MATRIX_UNITS == SIMT_WMMA
constexpr u32 kAmdDepth = 16;  // both halves of the wave have the same
#else
constexpr u32 kAmdDepth = 8;
#endif

#if defined(SIMT_HIP)
// sums += a · b, of elements T.
template <typename T>
SIMT_DEVICE void matrix_multiply_add(f32 (&sums)[16 * 16 / kWarp], const u32 (&a)[kAmdDepth / 2],
                                     const u32 (&b)[kAmdDepth / 2]) {
  typedef f32 Sums __attribute__((ext_vector_type(16 * 16 / kWarp)));
  typedef simt_hip_half Halves __attribute__((ext_vector_type(kAmdDepth)));
  typedef i16 Shorts __attribute__((ext_vector_type(kAmdDepth)));
  const Sums c = __builtin_bit_cast(Sums, sums);
  Sums d;
#if SIMT_MATRIX_UNITS == SIMT_MFMA
  if constexpr (same_type<T, bf16>::value)
    d = __builtin_amdgcn_mfma_f32_16x16x16bf16_1k(__builtin_bit_cast(Shorts, a), __builtin_bit_cast(Shorts, b), c, 0, 0,
                                                  0);
  else
    d = __builtin_amdgcn_mfma_f32_16x16x16f16(__builtin_bit_cast(Halves, a), __builtin_bit_cast(Halves, b), c, 0, 0, 0);
#elif SIMT_MATRIX_UNITS == SIMT_WMMA
  if constexpr (same_type<T, bf16>::value)
    d = __builtin_amdgcn_wmma_f32_16x16x16_bf16_w32(__builtin_bit_cast(Shorts, a), __builtin_bit_cast(Shorts, b), c);
  else
    d = __builtin_amdgcn_wmma_f32_16x16x16_f16_w32(__builtin_bit_cast(Halves, a), __builtin_bit_cast(Halves, b), c);
#else
  if constexpr (same_type<T, bf16>::value)
    d = __builtin_amdgcn_wmma_f32_16x16x16_bf16_w32_gfx12(__builtin_bit_cast(Shorts, a), __builtin_bit_cast(Shorts, b),
                                                          c);
  else
    d = __builtin_amdgcn_wmma_f32_16x16x16_f16_w32_gfx12(__builtin_bit_cast(Halves, a), __builtin_bit_cast(Halves, b),
                                                         c);
#endif
  SIMT_UNROLL
  for (u32 i = 0; i < 16 * 16 / kWarp; ++i) sums[i] = d[i];
}
#endif

// Which elements of C a lane has.
struct AmdLayout {
  static constexpr u32 kSums = 16 * 16 / kWarp, kRows = kSums, kRowLanes = 16;
  SIMT_DEVICE static u32 own_row(u32 i) { return i; }
  SIMT_DEVICE static u32 lane_row(u32 r) {
    return SIMT_MATRIX_UNITS == SIMT_WMMA ? 2 * r + lane_index() / 16 : lane_index() / 16 * kSums + r;
  }
  SIMT_DEVICE static u32 row(u32 i) { return lane_row(i); }
  SIMT_DEVICE static u32 column(u32) { return lane_index() % 16; }
};

// Of f16 and bf16.
template <typename T>
struct AmdFragments : AmdLayout {
  struct C {
    f32 sums[kSums];
  };
  struct alignas(8) A {
    u32 words[kAmdDepth / 2];
  };
  typedef A B;

  template <bool kDepthMajor>
  SIMT_DEVICE static A load_a(const T* tile, u32 stride) {
    const u32 outer = lane_index() % 16, depth = lane_index() / 16 * kAmdDepth % 16;
    if constexpr (!kDepthMajor) return *reinterpret_cast<const A*>(tile + outer * stride + depth);
    A a;
    SIMT_UNROLL
    for (u32 i = 0; i < kAmdDepth; i += 2) {
      const T* at = tile + (depth + i) * stride + outer;
      a.words[i / 2] = u32{at[0].bits} | u32{at[stride].bits} << 16;
    }
    return a;
  }
  template <bool kDepthMajor>
  SIMT_DEVICE static B load_b(const T* tile, u32 stride) {
    return load_a<kDepthMajor>(tile, stride);
  }
  SIMT_DEVICE static void multiply_add(C& c, const A& a, const B& b) {
    matrix_multiply_add<T>(c.sums, a.words, b.words);
  }
  // A column of C is with other lanes than a row of A.
  SIMT_DEVICE static A to_operand(const C& c, T* scratch) { return operand_from_sums<AmdFragments>(c, scratch); }
};

#if SIMT_MATRIX_UNITS == SIMT_MFMA
#if defined(SIMT_HIP)
// sums += a · b of 16 × 4 by 4 × 16, in full f32. Lane l has step l / 16 of row or column l % 16.
SIMT_DEVICE void matrix_multiply_add(f32 (&sums)[4], f32 a, f32 b) {
  typedef f32 Sums __attribute__((ext_vector_type(4)));
  const Sums d = __builtin_amdgcn_mfma_f32_16x16x4f32(a, b, __builtin_bit_cast(Sums, sums), 0, 0, 0);
  SIMT_UNROLL
  for (u32 i = 0; i < 4; ++i) sums[i] = d[i];
}
#endif

// Of f32: four steps of 4.
struct AmdFloatFragments : AmdLayout {
  struct C {
    f32 sums[kSums];
  };
  struct A {
    f32 steps[4];
  };
  typedef A B;

  template <bool kDepthMajor>
  SIMT_DEVICE static A load_a(const f32* tile, u32 stride) {
    const u32 outer = lane_index() % 16;
    A a;
    SIMT_UNROLL
    for (u32 i = 0; i < 4; ++i) {
      const u32 depth = i * 4 + lane_index() / 16;
      a.steps[i] = tile[kDepthMajor ? depth * stride + outer : outer * stride + depth];
    }
    return a;
  }
  template <bool kDepthMajor>
  SIMT_DEVICE static B load_b(const f32* tile, u32 stride) {
    return load_a<kDepthMajor>(tile, stride);
  }
  SIMT_DEVICE static void multiply_add(C& c, const A& a, const B& b) {
    SIMT_UNROLL
    for (u32 i = 0; i < 4; ++i) matrix_multiply_add(c.sums, a.steps[i], b.steps[i]);
  }
  SIMT_DEVICE static A to_operand(const C& c, f32* scratch) { return operand_from_sums<AmdFloatFragments>(c, scratch); }
};

template <>
struct fragments_of<f32> {
  typedef AmdFloatFragments type;
};
#endif

template <>
struct fragments_of<f16> {
  typedef AmdFragments<f16> type;
};
template <>
struct fragments_of<bf16> {
  typedef AmdFragments<bf16> type;
};

}  // namespace simt

#endif
