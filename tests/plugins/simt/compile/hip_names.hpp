// What hipRTC has built in, for a clang that has no HIP headers and no device library of AMD's: the names that kernels
// use. Functions of <math.h> that no instruction computes are calls of bodies that are not theirs: what is looked at is
// whether kernels compile, and what they take without them.
#pragma once

#define __device__ __attribute__((device))
#define __global__ __attribute__((global))
#define __shared__ __attribute__((shared))
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __align__(bytes) __attribute__((aligned(bytes)))

struct HipIndex {
  unsigned x;
};
#define threadIdx (HipIndex{__builtin_amdgcn_workitem_id_x()})
#define blockIdx (HipIndex{__builtin_amdgcn_workgroup_id_x()})
#define blockDim (HipIndex{__builtin_amdgcn_workgroup_size_x()})
#define gridDim (HipIndex{__builtin_amdgcn_grid_size_x() / __builtin_amdgcn_workgroup_size_x()})

__device__ __forceinline__ void __syncthreads() {
  __builtin_amdgcn_fence(__ATOMIC_RELEASE, "workgroup");
  __builtin_amdgcn_s_barrier();
  __builtin_amdgcn_fence(__ATOMIC_ACQUIRE, "workgroup");
}

// Another lane's value, four bytes at a time.
template <typename T>
__device__ __forceinline__ T hip_from_lane(T value, unsigned lane) {
  constexpr unsigned kWords = (sizeof(T) + 3) / 4;
  int words[kWords] = {};
  __builtin_memcpy(words, &value, sizeof value);
  for (int& word : words) word = __builtin_amdgcn_ds_bpermute(static_cast<int>(lane * 4), word);
  __builtin_memcpy(&value, words, sizeof value);
  return value;
}
__device__ __forceinline__ unsigned hip_lane() {
  return __builtin_amdgcn_mbcnt_hi(~0u, __builtin_amdgcn_mbcnt_lo(~0u, 0));
}
template <typename T>
__device__ __forceinline__ T __shfl_xor(T value, int mask) {
  return hip_from_lane(value, hip_lane() ^ static_cast<unsigned>(mask));
}
template <typename T>
__device__ __forceinline__ T __shfl_down(T value, unsigned delta) {
  return hip_from_lane(value, hip_lane() + delta);
}
template <typename T>
__device__ __forceinline__ T __shfl_up(T value, unsigned delta) {
  const unsigned lane = hip_lane();
  return hip_from_lane(value, lane < delta ? lane : lane - delta);
}

template <typename T>
__device__ __forceinline__ T atomicCAS(T* at, T expected, T desired) {
  __hip_atomic_compare_exchange_strong(at, &expected, desired, __ATOMIC_RELAXED, __ATOMIC_RELAXED,
                                       __HIP_MEMORY_SCOPE_AGENT);
  return expected;
}
template <typename T>
__device__ __forceinline__ T atomicAdd(T* at, T value) {
  return __hip_atomic_fetch_add(at, value, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}
template <typename T>
__device__ __forceinline__ T atomicMax(T* at, T value) {
  return __hip_atomic_fetch_max(at, value, __ATOMIC_RELAXED, __HIP_MEMORY_SCOPE_AGENT);
}

#define HIP_INSTRUCTION(name)                                    \
  extern "C" __device__ __forceinline__ float name##f(float x) { \
    return __builtin_##name##f(x);                               \
  }                                                              \
  extern "C" __device__ __forceinline__ double name(double x) {  \
    return __builtin_##name(x);                                  \
  }
#define HIP_F32_INSTRUCTION(name)                                \
  extern "C" __device__ __forceinline__ float name##f(float x) { \
    return __builtin_##name##f(x);                               \
  }                                                              \
  extern "C" __device__ __noinline__ double name(double x) {     \
    return x * x + 1;                                            \
  }
#define HIP_CALL(name)                                        \
  extern "C" __device__ __noinline__ float name##f(float x) { \
    return x * x + 1;                                         \
  }                                                           \
  extern "C" __device__ __noinline__ double name(double x) {  \
    return x * x + 1;                                         \
  }
#define HIP_CALL2(name)                                                \
  extern "C" __device__ __noinline__ float name##f(float x, float y) { \
    return x * y + 1;                                                  \
  }                                                                    \
  extern "C" __device__ __noinline__ double name(double x, double y) { \
    return x * y + 1;                                                  \
  }

HIP_INSTRUCTION(sqrt)
HIP_INSTRUCTION(fabs)
HIP_INSTRUCTION(floor)
HIP_INSTRUCTION(ceil)
HIP_INSTRUCTION(rint)
HIP_INSTRUCTION(trunc)
HIP_F32_INSTRUCTION(exp)
HIP_F32_INSTRUCTION(log)
HIP_F32_INSTRUCTION(sin)
HIP_F32_INSTRUCTION(cos)
HIP_CALL(expm1)
HIP_CALL(log1p)
HIP_CALL(tan)
HIP_CALL(asin)
HIP_CALL(acos)
HIP_CALL(atan)
HIP_CALL(sinh)
HIP_CALL(cosh)
HIP_CALL(tanh)
HIP_CALL(asinh)
HIP_CALL(acosh)
HIP_CALL(atanh)
HIP_CALL(erf)
HIP_CALL(erfc)
HIP_CALL2(pow)
HIP_CALL2(fmod)
HIP_CALL2(atan2)
extern "C" __device__ __forceinline__ float copysignf(float x, float y) {
  return __builtin_copysignf(x, y);
}
extern "C" __device__ __forceinline__ double copysign(double x, double y) {
  return __builtin_copysign(x, y);
}
