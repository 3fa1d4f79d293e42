// Copies elements between two strided layouts: transpose, slice, expand, concat, pad and every other op that only moves.
#version 460
#include "types.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(MoveParams);

void main() {
  for (uint i = gl_GlobalInvocationID.x; i < P.count; i += gl_NumWorkGroups.x * RLX_LANES) {
    uint rest = i;
    int64_t from = 0l;
    uint64_t to = 0ul;
    for (uint d = P.rank; d-- > 0u;) {
      uint next = rest / P.dims[d], at = rest - next * P.dims[d];
      from += int64_t(uint64_t(at)) * int64_t(P.src_strides[d]);
      to += uint64_t(at) * uint64_t(P.dst_strides[d]);
      rest = next;
    }
    store_bits(P.dst, to, P.width, P.has_value != 0u ? P.value : load_bits(P.src, uint64_t(from), P.width));
  }
}
