// Normalisations of rows, a workgroup each: layer, rms and l2 norms, and those over groups of channels, which are layer
// norms of longer rows. With a residual the sum is written first and normalised as it was stored.
#version 460
#include "types.glsl"
#include "math.glsl"
#include "group.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(NormParams);

float value_at(uint64_t at) { return load_float(P.has_residual != 0u ? P.sum : P.src, at, P.dtype); }

void main() {
  uint lane = gl_LocalInvocationID.x;
  uint64_t inner = uint64_t(P.inner);
  for (uint row = gl_WorkGroupID.x; row < P.rows; row += gl_NumWorkGroups.x) {
    uint64_t base = uint64_t(row / P.inner) * uint64_t(P.size) * inner + uint64_t(row % P.inner);
    // A thread reads back only what it wrote itself.
    if (P.has_residual != 0u)
      for (uint i = lane; i < P.size; i += RLX_LANES) {
        uint64_t at = base + uint64_t(i) * inner;
        store_float(P.sum, at, P.dtype, load_float(P.src, at, P.dtype) + load_float(P.residual, at, P.dtype));
      }
    float mean = 0.0;
    if (P.kind == RLX_NORM_LAYER) {
      for (uint i = lane; i < P.size; i += RLX_LANES) mean += value_at(base + uint64_t(i) * inner);
      mean = group_sum(mean) / float(P.size);
    }
    float squares = 0.0;
    for (uint i = lane; i < P.size; i += RLX_LANES) {
      float x = value_at(base + uint64_t(i) * inner) - mean;
      squares += x * x;
    }
    squares = group_sum(squares);
    float divisor = P.kind == RLX_NORM_L2 ? max_f(sqrt(squares), P.eps) : sqrt(squares / float(P.size) + P.eps);
    for (uint i = lane; i < P.size; i += RLX_LANES) {
      uint64_t at = base + uint64_t(i) * inner;
      float y = value_at(at) - mean;
      if (P.kind != RLX_NORM_L2 || divisor != 0.0) y /= divisor;  // else all are zero and stay so
      uint64_t channel = uint64_t((uint(at) / P.affine_step) % P.affine_size);
      if (P.has_gamma != 0u) y *= load_float(P.gamma, channel, P.dtype);
      if (P.has_beta != 0u) y += load_float(P.beta, channel, P.dtype);
      store_float(P.dst, at, P.dtype, y);
    }
  }
}
