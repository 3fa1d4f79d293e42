// What differs between the two stand-ins: FAKE_HIP makes the one for ROCm, otherwise it is the one for CUDA.
#pragma once

#include "device/params.hpp"

#include <cstdint>

#define FAKE_EXPORT __attribute__((visibility("default")))
#if defined(FAKE_HIP)
#define FAKE_SYMBOL(cuda, hip) hip
#else
#define FAKE_SYMBOL(cuda, hip) cuda
#endif

namespace fake {

struct Property {
  int attribute, value;
};

constexpr uint32_t kWarp = SIMT_WARP, kMaxBlock = simt::kMaxBlock, kMaxShared = 48 << 10;
constexpr int kMultiprocessors = 2;

#if defined(FAKE_HIP)
constexpr Property kProperties[] = {{63, kMultiprocessors}, {16, 0}, {87, kWarp}, {67, 1}, {68, 0}, {69, 0}};
constexpr int kDriverVersion = 990000000;
constexpr const char* kImageBegin = "// emulated HIP\n";
constexpr const char* kArch = "gfx90a";
#else
constexpr Property kProperties[] = {
    {16, kMultiprocessors}, {18, 0}, {10, kWarp}, {33, 1}, {34, 0}, {50, 0}, {75, 9}, {76, 0}};
constexpr int kDriverVersion = 99000;
constexpr const char* kImageBegin = "// emulated CUDA\n";
constexpr const char* kArch = "sm_90";
#endif

}  // namespace fake
