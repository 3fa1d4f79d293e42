// The names that kernels are written in, so that one text compiles with NVRTC, with hipRTC and with a host compiler.
// Kernels see one-dimensional grids and blocks, one parameter struct, and shared memory whose size the launch gives.
//
//   thread_index() block_size() block_index() grid_size()  lane_index() kWarp shuffle_xor() shuffle_down() shuffle_up()
//   shared<T>()  barrier()  warp_barrier()                  atomic_add() atomic_max() atomic_cas()
//   kAsyncCopies copy_async() wait_for_copies()
//   SIMT_MATRIX_UNITS, whose instructions are in fragment_*.hpp
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

// What multiplies small matrices in one instruction; 0: nothing.
#define SIMT_MMA 1
#define SIMT_MFMA 2
#define SIMT_WMMA 3
#define SIMT_WMMA_GFX12 4

#if defined(SIMT_CUDA) || defined(SIMT_HIP)

#define SIMT_DEVICE __device__ __forceinline__
// In front of a loop. Host compilers get no such order: with sanitizers the unrolled code takes them minutes.
#define SIMT_PRAGMA(...) _Pragma(#__VA_ARGS__)
#define SIMT_UNROLL SIMT_PRAGMA(unroll)
#define SIMT_UNROLL_BY(count) SIMT_PRAGMA(unroll count)
// A function that is called, not copied: large ones that an unrolled loop would copy many times.
#define SIMT_CALLED static __device__ __noinline__
#define SIMT_CONSTANT static __device__ constexpr
// AMD's compilers share a multiprocessor's registers out to 1024 threads if they are not told that no launch has so
// many; NVIDIA's read the attribute of each launch.
#if defined(SIMT_HIP)
#define SIMT_BOUNDS __attribute__((amdgpu_flat_work_group_size(1, kMaxBlock)))
#else
#define SIMT_BOUNDS
#endif
#define SIMT_ENTRY(name, Params, ...)                                \
  extern "C" __global__ SIMT_BOUNDS void name(const Params params) { \
    __VA_ARGS__(params);                                             \
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
// A lane below delta gets its own value.
template <typename T>
SIMT_DEVICE T shuffle_up(T value, u32 delta) {
  return __shfl_up_sync(0xffffffffu, value, delta);
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
template <typename T>
SIMT_DEVICE T shuffle_up(T value, u32 delta) {
  return __shfl_up(value, delta);
}
#endif

// Copies of 16 bytes from device memory to shared memory that go on while the thread does other work. What a thread has
// begun is there when it has waited, for the others behind a barrier.
#if defined(SIMT_CUDA) && __CUDA_ARCH__ >= 800
constexpr bool kAsyncCopies = true;
// exists: otherwise zeros are written, and nothing is read.
SIMT_DEVICE void copy_async(void* to, const void* from, bool exists) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
               :
               : "r"(static_cast<u32>(__cvta_generic_to_shared(to))), "l"(from), "r"(exists ? 16 : 0)
               : "memory");
}
SIMT_DEVICE void wait_for_copies() {
  asm volatile("cp.async.wait_all;" : : : "memory");
}
#else
// Through registers, where the caller can do more at the same time.
constexpr bool kAsyncCopies = false;
SIMT_DEVICE void copy_async(void*, const void*, bool) {}
SIMT_DEVICE void wait_for_copies() {}
#endif

// gfx1100 to gfx1153 are RDNA 3, gfx12 is RDNA 4.
#if defined(SIMT_CUDA) && __CUDA_ARCH__ >= 800
#define SIMT_MATRIX_UNITS SIMT_MMA
#elif defined(__gfx90a__) || defined(__gfx942__) || defined(__gfx950__)
#define SIMT_MATRIX_UNITS SIMT_MFMA
#elif defined(__GFX11__)
#define SIMT_MATRIX_UNITS SIMT_WMMA
#elif defined(__GFX12__)
#define SIMT_MATRIX_UNITS SIMT_WMMA_GFX12
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
SIMT_DEVICE u32 atomic_add(u32* at, u32 value) {
  return atomicAdd(at, value);
}
SIMT_DEVICE u32 atomic_max(u32* at, u32 value) {
  return atomicMax(at, value);
}

}  // namespace simt

#else

// The emulator of tests/plugins/simt, which the tests put on the search path.
#include <emulation/layer_host.hpp>

#endif

namespace simt {

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
