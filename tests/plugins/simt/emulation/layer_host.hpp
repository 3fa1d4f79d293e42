// The neutral layer (plugins/simt/device/layer.hpp) for a host compiler: every thread of a block is a fiber, SIMT_WARP
// of them are a warp. device/layer.hpp includes this; kernels never do.
#pragma once

#include "emulation/block.hpp"

#include <rlx/sdk/convert.hpp>

#include <math.h>

#include <cstring>

#define SIMT_DEVICE inline
#define SIMT_CALLED inline
#define SIMT_UNROLL
#define SIMT_UNROLL_BY(count)

namespace simt {

constexpr u32 kWarp = SIMT_WARP;

inline u32 thread_index() {
  return emulation::this_thread().index;
}
inline u32 block_size() {
  return emulation::this_thread().block_size;
}
inline u32 block_index() {
  return emulation::this_thread().block_index;
}
inline u32 grid_size() {
  return emulation::this_thread().grid_size;
}
inline void barrier() {
  emulation::wait_for_block();
}
template <typename T>
T* shared() {
  return static_cast<T*>(emulation::shared_memory());
}

// What the lane `from` of this warp gives; its own value when there is no such lane.
template <typename T>
T shuffle_from(T value, u32 from) {
  static_assert(sizeof(T) <= sizeof(uint64_t));
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = emulation::exchange(bits, from < kWarp ? from : thread_index() % kWarp);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
template <typename T>
T shuffle_xor(T value, u32 mask) {
  return shuffle_from(value, thread_index() % kWarp ^ mask);
}
template <typename T>
T shuffle_down(T value, u32 delta) {
  return shuffle_from(value, thread_index() % kWarp + delta);
}

inline void warp_barrier() {
  emulation::exchange(0, 0);
}

// A warp of 32 has matrix units, one of 64 computes without: both ways of a kernel are tested.
#if SIMT_WARP == 32
#define SIMT_MATRIX_UNITS 1
inline void matrix_load4(u32 (&words)[4], const void* row, bool transposed) {
  uint64_t rows[kWarp];
  emulation::exchange_all(reinterpret_cast<u64>(row), rows);
  const u32 lane = thread_index() % kWarp, major = lane / 4, minor = lane % 4 * 2;
  for (u32 matrix = 0; matrix < 4; ++matrix) {
    const auto element = [&](u32 r, u32 c) { return u32{reinterpret_cast<const u16*>(rows[matrix * 8 + r])[c]}; };
    words[matrix] = transposed ? element(minor, major) | element(minor + 1, major) << 16
                               : element(major, minor) | element(major, minor + 1) << 16;
  }
}
template <bool kBfloat>
void matrix_multiply_add(f32* sums, const u32* a, const u32* b) {
  struct Given {
    const u32 *a, *b;
  } own{a, b};
  uint64_t given[kWarp];
  emulation::exchange_all(reinterpret_cast<u64>(&own), given);
  const auto half = [](u32 word, u32 k) {
    const auto bits = static_cast<u16>(word >> k % 2 * 16);
    return kBfloat ? rlx::sdk::to_float(rlx::sdk::BF16{bits}) : rlx::sdk::to_float(rlx::sdk::F16{bits});
  };
  const auto of = [&](u32 outer, u32 k) { return reinterpret_cast<const Given*>(given[outer % 8 * 4 + k % 8 / 2]); };
  const u32 row = thread_index() % kWarp / 4, column = thread_index() % 4 * 2;
  f32 left[2][16], right[2][16];
  for (u32 i = 0; i < 2; ++i)
    for (u32 k = 0; k < 16; ++k) {
      left[i][k] = half(of(row, k)->a[i + k / 8 * 2], k);
      right[i][k] = half(of(column + i, k)->b[k / 8], k);
    }
  for (u32 i = 0; i < 4; ++i)
    for (u32 k = 0; k < 16; ++k) sums[i] += left[i / 2][k] * right[i % 2][k];
  warp_barrier();  // the others have read this lane's words
}
#else
#define SIMT_MATRIX_UNITS 0
#endif

// Fibers of one thread never run at the same time, and the blocks of a grid run one after the other.
template <typename T>
T atomic_cas(T* at, T expected, T desired) {
  const T old = *at;
  if (old == expected) *at = desired;
  return old;
}
inline f32 atomic_add(f32* at, f32 value) {
  const f32 old = *at;
  *at += value;
  return old;
}

}  // namespace simt
