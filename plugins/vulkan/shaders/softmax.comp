// softmax and log_softmax, a workgroup per row.
#version 460
#include "types.glsl"
#include "math.glsl"
#include "group.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(SoftmaxParams);

void main() {
  uint lane = gl_LocalInvocationID.x;
  uint64_t inner = uint64_t(P.inner);
  for (uint row = gl_WorkGroupID.x; row < P.rows; row += gl_NumWorkGroups.x) {
    uint64_t base = uint64_t(row / P.inner) * uint64_t(P.size) * inner + uint64_t(row % P.inner);
    float top = -kInfinity;
    for (uint i = lane; i < P.size; i += RLX_LANES)
      top = max_f(top, load_float(P.src, base + uint64_t(i) * inner, P.dtype));
    top = group_max(top);
    float sum = 0.0;
    for (uint i = lane; i < P.size; i += RLX_LANES)
      sum += exp_f(load_float(P.src, base + uint64_t(i) * inner, P.dtype) - top);
    sum = group_sum(sum);
    float log_sum = P.logarithm != 0u ? log_f(sum) : 0.0;
    for (uint i = lane; i < P.size; i += RLX_LANES) {
      uint64_t at = base + uint64_t(i) * inner;
      float x = load_float(P.src, at, P.dtype) - top;
      store_float(P.dst, at, P.dtype, P.logarithm != 0u ? x - log_sum : exp_f(x) / sum);
    }
  }
}
