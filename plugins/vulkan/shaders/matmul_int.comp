// Matrix products of integers, which wrap as in C. A thread per result.
#version 460
#include "types.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(MatmulParams);

void main() {
  uint count = P.m * P.n * P.batches;
  for (uint i = gl_GlobalInvocationID.x; i < count; i += gl_NumWorkGroups.x * RLX_LANES) {
    uint batch = i / (P.m * P.n), row = i / P.n % P.m, col = i % P.n;
    uint64_t a = uint64_t(row) * uint64_t(P.a_row), b = uint64_t(col) * uint64_t(P.b_col);
    for (uint d = P.batch_rank; d-- > 0u;) {
      uint next = batch / P.batch_dims[d], at = batch - next * P.batch_dims[d];
      a += uint64_t(at) * uint64_t(P.a_batch[d]);
      b += uint64_t(at) * uint64_t(P.b_batch[d]);
      batch = next;
    }
    int64_t sum = 0l;
    for (uint k = 0u; k < P.k; ++k)
      sum += load_int(P.a, a + uint64_t(k) * uint64_t(P.a_col), P.dtype) *
             load_int(P.b, b + uint64_t(k) * uint64_t(P.b_row), P.dtype);
    store_bits(P.dst, uint64_t(i), width_of(P.dtype), uint64_t(sum));
  }
}
