// Rows of a state: src goes to row … of dst. A row that does not fit is reported and nothing is written.
#version 460
#include "types.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(RowsParams);

void main() {
  int64_t given = load_int(P.row, 0ul, P.row_dtype);
  int64_t row = given < 0l ? given + int64_t(uint64_t(P.size)) : given;
  uint places = P.size - P.rows + 1u;
  if (row < 0l || row >= int64_t(uint64_t(places))) {
    if (gl_GlobalInvocationID.x == 0u) checked_index(given, row < 0l ? P.size : places);
    return;
  }
  uint block = P.rows * P.inner;
  for (uint i = gl_GlobalInvocationID.x; i < P.count; i += gl_NumWorkGroups.x * RLX_LANES) {
    uint outer = i / block, within = i - outer * block;
    uint64_t to = (uint64_t(outer) * uint64_t(P.size) + uint64_t(row)) * uint64_t(P.inner) + uint64_t(within);
    store_bits(P.dst, to, P.width, load_bits(P.src, uint64_t(i), P.width));
  }
}
