// Merges neighbouring runs of a list, RLX_SORT_CHUNK results to a workgroup. Which parts of the two runs they come from is
// found by a search along a diagonal of the merge matrix (Odeh et al., Merge Path); then the place of an element is the
// number of elements of either part before it.
#version 460
#include "types.glsl"
#include "order.glsl"
#include "sort.glsl"

shared uint first_left, last_left;

uint position_at(uint row, uint i) { return At32(P.from + uint64_t(row * P.size + i) * 4ul).v; }

// How many of the first `count` results come from the left run.
uint taken_left(uint row, uint left, uint left_size, uint right, uint right_size, uint count) {
  uint low = count > right_size ? count - right_size : 0u, high = min(count, left_size);
  while (low < high) {
    uint middle = (low + high) / 2u;
    uint a = position_at(row, left + middle), b = position_at(row, right + count - 1u - middle);
    if (comes_first(key_at(row, a), a, key_at(row, b), b))
      low = middle + 1u;
    else
      high = middle;
  }
  return low;
}

// How many elements of shared memory from `low` up to `high` come before element e.
uint count_before(uint low, uint high, uint e) {
  uint start = low;
  while (low < high) {
    uint middle = (low + high) / 2u;
    if (comes_first(keys[middle], positions[middle], keys[e], positions[e]))
      low = middle + 1u;
    else
      high = middle;
  }
  return low - start;
}

void main() {
  uint lane = gl_LocalInvocationID.x, segments = (P.size + RLX_SORT_CHUNK - 1u) / RLX_SORT_CHUNK;
  for (uint n = gl_WorkGroupID.x; n < P.rows * segments; n += gl_NumWorkGroups.x) {
    uint row = n / segments, start = n % segments * RLX_SORT_CHUNK;
    uint left = start / (2u * P.run) * (2u * P.run), right = min(left + P.run, P.size);
    uint left_size = min(right - left, P.keep), right_size = min(min(P.size - right, P.run), P.keep);
    uint results = min(left_size + right_size, P.keep), first = start - left;
    if (first >= results) continue;
    uint last = min(first + RLX_SORT_CHUNK, results);
    if (lane == 0u) first_left = taken_left(row, left, left_size, right, right_size, first);
    if (lane == 1u) last_left = taken_left(row, left, left_size, right, right_size, last);
    barrier();
    uint from_left = last_left - first_left;
    for (uint e = lane; e < last - first; e += RLX_SORT_LANES) {
      uint i = e < from_left ? left + first_left + e : right + first - first_left + e - from_left;
      positions[e] = position_at(row, i);
      keys[e] = key_at(row, positions[e]);
    }
    barrier();
    for (uint e = lane; e < last - first; e += RLX_SORT_LANES) {
      bool is_left = e < from_left;
      uint before = is_left ? e + count_before(from_left, last - first, e) : e - from_left + count_before(0u, from_left, e);
      if (P.is_last != 0u)
        put_result(row, first + before, positions[e]);
      else
        At32(P.to + uint64_t(row * P.size + start + before) * 4ul).v = positions[e];
    }
    barrier();
  }
}
