// The position of the largest or smallest element of each row. NaN counts as largest; ties go to the first, or to the last.
#version 460
#include "types.glsl"
#include "order.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(ArgReduceParams);

void main() {
  for (uint row = gl_GlobalInvocationID.x; row < P.rows; row += gl_NumWorkGroups.x * RLX_LANES) {
    uint64_t base = uint64_t(row / P.inner) * uint64_t(P.size) * uint64_t(P.inner) + uint64_t(row % P.inner);
    uint best = 0u;
    int64_t best_key = order_key(P.src, base, P.dtype);
    for (uint i = 1u; i < P.size; ++i) {
      int64_t key = order_key(P.src, base + uint64_t(i) * uint64_t(P.inner), P.dtype);
      bool better = P.largest != 0u ? key > best_key : key < best_key;
      if (better || (P.last != 0u && key == best_key)) {
        best = i;
        best_key = key;
      }
    }
    At64(P.dst + uint64_t(row) * 8ul).v = uint64_t(best);
  }
}
