// The enumerators of MIOpen that convolutions need, from AMD's public headers; no header was at hand to compare with.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rlx::simt::miopen {

enum Type { kHalf = 0, kFloat = 1, kBfloat16 = 5, kDouble = 6 };
enum Mode { kConvolution = 0 };  // filters are not turned around
// FFT (2) and Winograd (3) lose digits of halves, and are not chosen.
enum Algorithm { kGemm = 0, kDirect = 1, kImplicitGemm = 5 };
enum Status { kOutOfMemory = 4, kNotImplemented = 6, kUnsupported = 8 };

// What the library knows of a way to do it, best first.
struct Solution {
  float time;
  size_t workspace_bytes;
  uint64_t id;
  int algorithm;
};

}  // namespace rlx::simt::miopen
