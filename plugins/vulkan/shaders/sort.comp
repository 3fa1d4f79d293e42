// Stable merge sort of rows, a thread each: positions move between the two halves of the working memory.
#version 460
#include "types.glsl"
#include "order.glsl"

layout(local_size_x = RLX_LANES) in;
PARAMS(SortParams);

bool comes_first(uint64_t base, uint a, uint b) {
  int64_t x = order_key(P.src, base + uint64_t(a) * uint64_t(P.inner), P.dtype);
  int64_t y = order_key(P.src, base + uint64_t(b) * uint64_t(P.inner), P.dtype);
  return P.descending != 0u ? x >= y : x <= y;
}

void main() {
  uint width = width_of(P.dtype);
  for (uint row = gl_GlobalInvocationID.x; row < P.rows; row += gl_NumWorkGroups.x * RLX_LANES) {
    uint64_t base = uint64_t(row / P.inner) * uint64_t(P.size) * uint64_t(P.inner) + uint64_t(row % P.inner);
    uint64_t from = P.order + uint64_t(row) * uint64_t(P.size) * 8ul, to = from + uint64_t(P.size) * 4ul;
    for (uint i = 0u; i < P.size; ++i) At32(from + uint64_t(i) * 4ul).v = i;
    for (uint run = 1u; run < P.size; run *= 2u) {
      for (uint start = 0u; start < P.size; start += 2u * run) {
        uint left = start, middle = min(start + run, P.size), right = middle, end = min(start + 2u * run, P.size);
        for (uint i = start; i < end; ++i) {
          bool take_left = left < middle;
          if (take_left && right < end)
            take_left = comes_first(base, At32(from + uint64_t(left) * 4ul).v, At32(from + uint64_t(right) * 4ul).v);
          uint taken = take_left ? left++ : right++;
          At32(to + uint64_t(i) * 4ul).v = At32(from + uint64_t(taken) * 4ul).v;
        }
      }
      uint64_t swapped = from;
      from = to;
      to = swapped;
    }
    uint64_t out_base = uint64_t(row / P.inner) * uint64_t(P.keep) * uint64_t(P.inner) + uint64_t(row % P.inner);
    for (uint i = 0u; i < P.keep; ++i) {
      uint position = At32(from + uint64_t(i) * 4ul).v;
      uint64_t out_at = out_base + uint64_t(i) * uint64_t(P.inner);
      store_bits(P.values, out_at, width, load_bits(P.src, base + uint64_t(position) * uint64_t(P.inner), width));
      At64(P.positions + out_at * 8ul).v = uint64_t(position);
    }
  }
}
