// Matrix products without tiles: of integers, which wrap as in C, and of floats with few rows, as in decoding, where a
// tile would be almost empty. A thread per result; or a workgroup where a column's terms are neighbours, so that threads
// next to each other read what lies next to each other.
#version 460
#include "types.glsl"
#include "unary.glsl"
#include "group.glsl"

layout(constant_id = 0) const uint kDtype = DTYPE_F32;
layout(constant_id = 1) const uint kByGroup = 0;
layout(constant_id = 2) const uint kActivation = RLX_NO_ACTIVATION;
layout(local_size_x = RLX_LANES) in;
PARAMS(MatmulParams);

float sum_float(uint64_t a, uint64_t b, uint lane, uint lanes) {
  float sum = 0.0;
  for (uint k = lane; k < P.k; k += lanes)
    sum += load_float(P.a, a + uint64_t(k) * uint64_t(P.a_col), kDtype) *
           load_float(P.b, b + uint64_t(k) * uint64_t(P.b_row), kDtype);
  return kByGroup != 0u ? group_sum(sum) : sum;
}

int64_t sum_int(uint64_t a, uint64_t b) {
  int64_t sum = 0l;
  for (uint k = 0u; k < P.k; ++k)
    sum += load_int(P.a, a + uint64_t(k) * uint64_t(P.a_col), kDtype) *
           load_int(P.b, b + uint64_t(k) * uint64_t(P.b_row), kDtype);
  return sum;
}

void main() {
  bool by_group = kByGroup != 0u;
  uint count = P.m * P.n * P.batches;
  uint first = by_group ? gl_WorkGroupID.x : gl_GlobalInvocationID.x;
  uint step = by_group ? gl_NumWorkGroups.x : gl_NumWorkGroups.x * RLX_LANES;
  uint lane = by_group ? gl_LocalInvocationID.x : 0u, lanes = by_group ? RLX_LANES : 1u;
  for (uint i = first; i < count; i += step) {
    uint batch = i / (P.m * P.n), row = i / P.n % P.m, col = i % P.n;
    uint64_t a = uint64_t(row) * uint64_t(P.a_row), b = uint64_t(col) * uint64_t(P.b_col);
    for (uint d = P.batch_rank; d-- > 0u;) {
      uint next = batch / P.batch_dims[d], at = batch - next * P.batch_dims[d];
      a += uint64_t(at) * uint64_t(P.a_batch[d]);
      b += uint64_t(at) * uint64_t(P.b_batch[d]);
      batch = next;
    }
    if (!is_float(kDtype)) {
      store_bits(P.dst, uint64_t(i), width_of(kDtype), uint64_t(sum_int(a, b)));
      continue;
    }
    float y = sum_float(a, b, lane, lanes);
    if (lane != 0u) continue;
    if (P.has_bias != 0u) y += load_float(P.bias, uint64_t(col), kDtype);
    store_float(P.dst, uint64_t(i), kDtype, unary_float(kActivation, y, P.alpha, P.beta));
  }
}
