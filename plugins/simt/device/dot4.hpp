// Products of four signed bytes, added up in 32 bits: one instruction where the chip has it.
#pragma once

#include "layer.hpp"

namespace simt {

// sum + Σ a[i]·b[i], the bytes of a and b taken as i8.
#if defined(SIMT_CUDA)
SIMT_DEVICE i32 dot4(u32 a, u32 b, i32 sum) {
  asm("dp4a.s32.s32 %0, %1, %2, %0;" : "+r"(sum) : "r"(a), "r"(b));
  return sum;
}
#elif defined(__gfx906__) || defined(__gfx908__) || defined(__gfx90a__) || defined(__gfx940__) ||   \
    defined(__gfx941__) || defined(__gfx942__) || defined(__gfx950__) || defined(__gfx1011__) ||    \
    defined(__gfx1012__) || defined(__gfx1030__) || defined(__gfx1031__) || defined(__gfx1032__) || \
    defined(__gfx1033__) || defined(__gfx1034__) || defined(__gfx1035__) || defined(__gfx1036__)
SIMT_DEVICE i32 dot4(u32 a, u32 b, i32 sum) {
  return __builtin_amdgcn_sdot4(static_cast<i32>(a), static_cast<i32>(b), sum, false);
}
#elif defined(__GFX11__) || defined(__GFX12__)
SIMT_DEVICE i32 dot4(u32 a, u32 b, i32 sum) {
  return __builtin_amdgcn_sudot4(true, static_cast<i32>(a), true, static_cast<i32>(b), sum, false);
}
#else
SIMT_DEVICE i32 dot4(u32 a, u32 b, i32 sum) {
  SIMT_UNROLL
  for (u32 i = 0; i < 4; ++i) sum += i32{static_cast<i8>(a >> 8 * i)} * i32{static_cast<i8>(b >> 8 * i)};
  return sum;
}
#endif

}  // namespace simt
