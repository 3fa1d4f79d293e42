// The names that kernels are written in, so that one text compiles with NVRTC, with hipRTC and with a host compiler.
// Kernels see one-dimensional grids and blocks, one parameter struct, and shared memory whose size the launch gives.
//
//   thread_index() block_size() block_index() grid_size()     lane_index() kWarp shuffle_xor() shuffle_down()
//   shared<T>()  barrier()  warp_barrier()                     atomic_add() atomic_cas()
//   matrix_load4() matrix_multiply_add(), where SIMT_MATRIX_UNITS is 1
//   SIMT_ENTRY(name, Params, body)
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;
typedef long long i64;
typedef float f32;
typedef double f64;

#if defined(SIMT_CUDA) || defined(SIMT_HIP)

#define SIMT_DEVICE __device__ __forceinline__
// In front of a loop. Host compilers get no such order: with sanitizers the unrolled code takes them minutes.
#define SIMT_PRAGMA(...) _Pragma(#__VA_ARGS__)
#define SIMT_UNROLL SIMT_PRAGMA(unroll)
#define SIMT_UNROLL_BY(count) SIMT_PRAGMA(unroll count)
// A function that is called, not copied: large ones that an unrolled loop would copy many times.
#define SIMT_CALLED static __device__ __noinline__
#define SIMT_CONSTANT static __device__ constexpr
#define SIMT_ENTRY(name, Params, ...)                    \
  extern "C" __global__ void name(const Params params) { \
    __VA_ARGS__(params);                                 \
  }

namespace simt {

SIMT_DEVICE u32 thread_index() {
  return threadIdx.x;
}
SIMT_DEVICE u32 block_size() {
  return blockDim.x;
}
SIMT_DEVICE u32 block_index() {
  return blockIdx.x;
}
SIMT_DEVICE u32 grid_size() {
  return gridDim.x;
}
SIMT_DEVICE void barrier() {
  __syncthreads();
}

// Dynamic only: the launch gives its size, so that no limit is written down twice.
template <typename T>
SIMT_DEVICE T* shared() {
  extern __shared__ __align__(16) unsigned char simt_shared_bytes[];
  return reinterpret_cast<T*>(simt_shared_bytes);
}

#if defined(SIMT_CUDA)
constexpr u32 kWarp = 32;
SIMT_DEVICE void warp_barrier() {
  __syncwarp();
}
template <typename T>
SIMT_DEVICE T shuffle_xor(T value, u32 mask) {
  return __shfl_xor_sync(0xffffffffu, value, static_cast<int>(mask));
}
template <typename T>
SIMT_DEVICE T shuffle_down(T value, u32 delta) {
  return __shfl_down_sync(0xffffffffu, value, delta);
}
#else
constexpr u32 kWarp = SIMT_WARP;  // 64 on CDNA and GCN, 32 on RDNA
SIMT_DEVICE void warp_barrier() {
  __builtin_amdgcn_fence(__ATOMIC_ACQ_REL, "wavefront");
  __builtin_amdgcn_wave_barrier();
}
template <typename T>
SIMT_DEVICE T shuffle_xor(T value, u32 mask) {
  return __shfl_xor(value, static_cast<int>(mask));
}
template <typename T>
SIMT_DEVICE T shuffle_down(T value, u32 delta) {
  return __shfl_down(value, delta);
}
#endif

// Products of 16 × 16 by 16 × 8 halves in one instruction.
#if defined(SIMT_CUDA) && __CUDA_ARCH__ >= 800
#define SIMT_MATRIX_UNITS 1
// Four 8 × 8 matrices of 2-byte elements from shared memory. Lane l says where row l % 8 of matrix l / 8 begins (16
// bytes, so aligned) and gets of each matrix elements (l / 4, l % 4 · 2) and its right neighbour; transposed: elements
// (l % 4 · 2, l / 4) and its lower neighbour.
SIMT_DEVICE void matrix_load4(u32 (&words)[4], const void* row, bool transposed) {
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
// Four sums += four words of a · two words of b in the layout of mma.m16n8k16; bfloat: of bf16, not f16.
template <bool kBfloat>
SIMT_DEVICE void matrix_multiply_add(f32* sums, const u32* a, const u32* b) {
  if constexpr (kBfloat)
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
  else
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
#else
#define SIMT_MATRIX_UNITS 0
#endif

SIMT_DEVICE u32 atomic_cas(u32* at, u32 expected, u32 desired) {
  return atomicCAS(at, expected, desired);
}
SIMT_DEVICE u64 atomic_cas(u64* at, u64 expected, u64 desired) {
  return atomicCAS(at, expected, desired);
}
SIMT_DEVICE f32 atomic_add(f32* at, f32 value) {
  return atomicAdd(at, value);
}

}  // namespace simt

#else

// The emulator of tests/plugins/simt, which the tests put on the search path.
#include <emulation/layer_host.hpp>

#endif

namespace simt {

#if !SIMT_MATRIX_UNITS
// Names for code that is discarded then; nothing calls them.
template <typename Words>
SIMT_DEVICE void matrix_load4(Words&, const void*, bool) {}
template <bool kBfloat>
SIMT_DEVICE void matrix_multiply_add(f32*, const u32*, const u32*) {}
#endif

SIMT_DEVICE u32 lane_index() {
  return thread_index() % kWarp;
}

// Where this thread's first element is and how far it is to its next: a grid walks any number of elements.
SIMT_DEVICE u64 grid_first() {
  return u64{block_index()} * block_size() + thread_index();
}
SIMT_DEVICE u64 grid_step() {
  return u64{grid_size()} * block_size();
}

template <typename To, typename From>
SIMT_DEVICE To bits_as(From from) {
  return __builtin_bit_cast(To, from);
}

}  // namespace simt
