// Instructions of matrix units on the emulator, as their manuals lay them out: what a lane gives and gets is found from
// the position of an element, not from the code under test. Included by device/fragment_*.hpp.
#pragma once

#include "emulation/block.hpp"

#include "device/scalar.hpp"

#include <cmath>

namespace simt {

// Where an element of an operand is: which of the elements that a lane gives.
struct Held {
  u32 lane, index;
};

template <typename T>
f32 element(const u32* words, u32 index) {
  if constexpr (same_type<T, f32>::value) {
    return bits_as<f32>(words[index]);
  } else if constexpr (sizeof(T) == 4) {
    constexpr u32 kIgnored = 0x1fff;  // what the instruction does not read of a word
    return bits_as<f32>(words[index] & ~kIgnored);
  } else {
    return convert<f32>::from(T{static_cast<u16>(words[index / 2] >> index % 2 * 16)});
  }
}

// A sum as the instruction leaves it: tensor cores cut it off towards zero (Fasi et al. 2021).
inline f32 rounded_sum(f64 x) {
  const auto near = static_cast<f32>(x);
  const bool too_far = std::isfinite(x) && std::fabs(static_cast<f64>(near)) > std::fabs(x);
  return SIMT_MATRIX_UNITS == SIMT_MMA && too_far ? std::nextafter(near, 0.0f) : near;
}

// One product by a warp. Sum i of this lane is at (row(i), column(i)) of C; in_a(row, k) and in_b(column, k) say who
// has an operand's element.
template <typename T, u32 kDepth, u32 kSums, typename Row, typename Column, typename InA, typename InB>
void emulate_product(f32* sums, const u32* a, const u32* b, Row row, Column column, InA in_a, InB in_b) {
  struct Given {
    const u32 *a, *b;
  } own{a, b};
  uint64_t given[kWarp];
  emulation::exchange_all(reinterpret_cast<u64>(&own), given);
  for (u32 i = 0; i < kSums; ++i) {
    f64 sum = sums[i];
    for (u32 k = 0; k < kDepth; ++k) {
      const Held left = in_a(row(i), k), right = in_b(column(i), k);
      sum += f64{element<T>(reinterpret_cast<const Given*>(given[left.lane])->a, left.index)} *
             element<T>(reinterpret_cast<const Given*>(given[right.lane])->b, right.index);
    }
    sums[i] = rounded_sum(sum);
  }
  warp_barrier();  // the others have read this lane's words
}

#if SIMT_MATRIX_UNITS == SIMT_MMA

inline void matrix_load4(u32* words, const void* row, bool transposed) {
  uint64_t rows[kWarp];
  emulation::exchange_all(reinterpret_cast<u64>(row), rows);
  const u32 lane = thread_index() % kWarp, major = lane / 4, minor = lane % 4 * 2;
  for (u32 matrix = 0; matrix < 4; ++matrix) {
    const auto half = [&](u32 r, u32 c) { return u32{reinterpret_cast<const u16*>(rows[matrix * 8 + r])[c]}; };
    words[matrix] = transposed ? half(minor, major) | half(minor + 1, major) << 16
                               : half(major, minor) | half(major, minor + 1) << 16;
  }
}

// mma.m16n8k16 of halves, mma.m16n8k8 of tf32
template <typename T>
void matrix_multiply_add(f32* sums, const u32* a, const u32* b) {
  constexpr u32 kDepth = sizeof(T) == 4 ? 8 : 16, kPerWord = kDepth / 8;
  const u32 lane = thread_index() % kWarp;
  // A word is of one of the quarters of A, or of the halves of B: four lanes share a row there.
  const auto in = [](u32 outer, u32 k, u32 quarter) {
    const u32 in_row = k % (kDepth / 2);
    return Held{outer % 8 * 4 + in_row / kPerWord, quarter * kPerWord + in_row % kPerWord};
  };
  emulate_product<T, kDepth, 4>(
      sums, a, b, [=](u32 i) { return lane / 4 + i / 2 * 8; }, [=](u32 i) { return lane % 4 * 2 + i % 2; },
      [=](u32 row, u32 k) { return in(row, k, k / (kDepth / 2) * 2 + row / 8); },
      [=](u32 column, u32 k) { return in(column, k, k / (kDepth / 2)); });
}

// cvt.rna.tf32.f32
inline u32 round_to_tf32(f32 x) {
  const u32 bits = bits_as<u32>(x);
  if (x != x) return 0x7fffffffu;
  return (bits & 0x7f800000u) == 0x7f800000u ? bits : (bits + 0x1000u) & ~0x1fffu;
}

#elif SIMT_MATRIX_UNITS != 0

// v_mfma_f32_16x16x16, v_wmma_f32_16x16x16 of gfx11 and of gfx12. A and B are laid out alike.
template <typename T, u32 kSums, u32 kWords>
void matrix_multiply_add(f32 (&sums)[kSums], const u32 (&a)[kWords], const u32 (&b)[kWords]) {
  const u32 lane = thread_index() % kWarp;
#if SIMT_MATRIX_UNITS == SIMT_MFMA
  static_assert(kWarp == 64 && kSums == 4 && kWords == 2);
  const auto row = [=](u32 i) { return lane / 16 * 4 + i; };
  const auto in = [](u32 outer, u32 k) { return Held{k / 4 * 16 + outer, k % 4}; };
#elif SIMT_MATRIX_UNITS == SIMT_WMMA
  static_assert(kWarp == 32 && kSums == 8 && kWords == 8);
  const auto row = [=](u32 i) { return i * 2 + lane / 16; };
  // Both halves of the wave have to give it: which one is read depends on who asks.
  const auto in = [=](u32 outer, u32 k) { return Held{lane / 16 * 16 + outer, k}; };
#else
  static_assert(kWarp == 32 && kSums == 8 && kWords == 4);
  const auto row = [=](u32 i) { return lane / 16 * 8 + i; };
  const auto in = [](u32 outer, u32 k) { return Held{k / 8 * 16 + outer, k % 8}; };
#endif
  emulate_product<T, 16, kSums>(
      sums, a, b, row, [=](u32) { return lane % 16; }, in, in);
}

#if SIMT_MATRIX_UNITS == SIMT_MFMA
// v_mfma_f32_16x16x4_f32
inline void matrix_multiply_add(f32 (&sums)[4], f32 a, f32 b) {
  const u32 lane = thread_index() % kWarp, left = bits_as<u32>(a), right = bits_as<u32>(b);
  const auto in = [](u32 outer, u32 k) { return Held{k * 16 + outer, 0}; };
  emulate_product<f32, 4, 4>(
      sums, &left, &right, [=](u32 i) { return lane / 16 * 4 + i; }, [=](u32) { return lane % 16; }, in, in);
}
#endif

#endif

}  // namespace simt
