// Reads by index: gather, gather_elements, gather_nd.
#version 460
#include "types.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(GatherParams);

void main() {
  for (uint i = gl_GlobalInvocationID.x; i < P.count; i += gl_NumWorkGroups.x * RLX_LANES) {
    uint rest = i;
    uint64_t from = 0ul, key = 0ul;
    for (uint d = P.rank; d-- > 0u;) {
      uint next = rest / P.dims[d], at = rest - next * P.dims[d];
      from += uint64_t(at) * uint64_t(P.src_strides[d]);
      key += uint64_t(at) * uint64_t(P.index_strides[d]);
      rest = next;
    }
    for (uint k = 0u; k < P.keys; ++k) {
      int64_t index = load_int(P.indices, key + uint64_t(k), P.index_dtype);
      from += uint64_t(checked_index(index, P.limits[k])) * uint64_t(P.key_strides[k]);
    }
    store_bits(P.dst, uint64_t(i), P.width, load_bits(P.src, from, P.width));
  }
}
