// The position of the largest or smallest element of each row. NaN counts as largest; ties go to the first, or to the
// last. A thread for each row, or a workgroup where rows are few and long.
#version 460
#include "types.glsl"
#include "order.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(ArgReduceParams);

shared int64_t keys[RLX_LANES];
shared uint positions[RLX_LANES];

bool better(int64_t key, uint position, int64_t other_key, uint other_position) {
  if (key == other_key) return P.last != 0u ? position > other_position : position < other_position;
  return P.largest != 0u ? key > other_key : key < other_key;
}

// The best of all threads is the first thread's.
void best_of_lanes(int64_t key, inout uint position) {
  uint lane = gl_LocalInvocationID.x;
  keys[lane] = key;
  positions[lane] = position;
  barrier();
  for (uint half_size = RLX_LANES / 2u; half_size > 0u; half_size /= 2u) {
    uint other = lane + half_size;
    if (lane < half_size && better(keys[other], positions[other], keys[lane], positions[lane])) {
      keys[lane] = keys[other];
      positions[lane] = positions[other];
    }
    barrier();
  }
  position = positions[0];
  barrier();
}

void main() {
  bool by_group = P.by_group != 0u;
  uint first = by_group ? gl_WorkGroupID.x : gl_GlobalInvocationID.x;
  uint step = by_group ? gl_NumWorkGroups.x : gl_NumWorkGroups.x * RLX_LANES;
  uint lane = by_group ? gl_LocalInvocationID.x : 0u, lanes = by_group ? RLX_LANES : 1u;
  for (uint row = first; row < P.rows; row += step) {
    uint64_t base = uint64_t(row / P.inner) * uint64_t(P.size) * uint64_t(P.inner) + uint64_t(row % P.inner);
    // Rows of a workgroup have an element for every thread.
    uint best = lane;
    int64_t best_key = order_key(P.src, base + uint64_t(lane) * uint64_t(P.inner), P.dtype);
    for (uint i = lane + lanes; i < P.size; i += lanes) {
      int64_t key = order_key(P.src, base + uint64_t(i) * uint64_t(P.inner), P.dtype);
      if (better(key, i, best_key, best)) {
        best = i;
        best_key = key;
      }
    }
    if (by_group) best_of_lanes(best_key, best);
    if (lane == 0u) At64(P.dst + uint64_t(row) * 8ul).v = uint64_t(best);
  }
}
