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
template <typename T>
T shuffle_up(T value, u32 delta) {
  const u32 lane = thread_index() % kWarp;
  return shuffle_from(value, lane < delta ? lane : lane - delta);
}

inline void warp_barrier() {
  emulation::exchange(0, 0);
}

// A warp of 32 has NVIDIA's matrix units, one of 64 has CDNA's, if the build does not ask for others.
#if !defined(SIMT_MATRIX_UNITS)
#define SIMT_MATRIX_UNITS (SIMT_WARP == 32 ? SIMT_MMA : SIMT_MFMA)
#endif

// Beside NVIDIA's matrix units, as on their chips.
constexpr bool kAsyncCopies = SIMT_MATRIX_UNITS == SIMT_MMA;
inline void copy_async(void* to, const void* from, bool exists) {
  emulation::begin_copy(to, exists ? from : nullptr, 16);
}
inline void wait_for_copies() {
  emulation::wait_for_copies();
}

// Fibers of one thread never run at the same time, and the blocks of a grid run one after the other.
template <typename T>
T atomic_cas(T* at, T expected, T desired) {
  const T old = *at;
  if (old == expected) *at = desired;
  return old;
}
inline u32 atomic_max(u32* at, u32 value) {
  const u32 old = *at;
  *at = old > value ? old : value;
  return old;
}
template <typename T>
T atomic_add(T* at, T value) {
  const T old = *at;
  *at += value;
  return old;
}

}  // namespace simt
