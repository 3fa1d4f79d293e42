// The enumerators of cuDNN 9 that convolutions need; checked against its headers where a machine has them
// (tests/plugins/simt/headers).
#pragma once

#include <cstddef>

namespace rlx::simt::cudnn {

enum Type { kFloat = 0, kDouble = 1, kHalf = 2, kBfloat16 = 9 };
enum Format { kNchw = 0 };
enum Mode { kCrossCorrelation = 1 };  // filters are not turned around
// kTensorOps: products of halves on tensor cores. kDefaultMath lets f32 lose digits there (tf32); kFma does not.
enum Math { kDefaultMath = 0, kTensorOps = 1, kFma = 3 };
// Products of matrices without a transform of the operands: they add up as an own kernel does. FFT and Winograd lose
// digits of halves, and are not chosen.
enum Algorithm { kImplicitGemm = 0, kImplicitPrecomputedGemm = 1, kGemm = 2 };
enum Status { kHostMemory = 4003, kDeviceMemory = 4004, kNotSupported = 3000 };

// What the heuristic answers, best first.
struct Performance {
  int algorithm, status;
  float time;
  size_t workspace_bytes;
  int determinism, math;
  int reserved[3];
};

}  // namespace rlx::simt::cudnn
