// Sorts chunks of rows in shared memory with Batcher's bitonic network, or finds only the first few elements of each:
// blocks of as many are sorted, in turns upwards and downwards, then the better halves of two neighbours are kept until
// one block is left. Several chunks share a workgroup where they are short.
#version 460
#include "types.glsl"
#include "order.glsl"
#include "sort.glsl"

const uint kKept = RLX_SORT_CHUNK / 2 / RLX_SORT_LANES;  // elements of a thread that a halving keeps at most

// Compares elements that are `step` apart. Sequences of `size` go upwards and downwards in turns, within a chunk.
void exchange(uint count, uint chunk, uint size, uint step) {
  for (uint pair = gl_LocalInvocationID.x; pair < count / 2u; pair += RLX_SORT_LANES) {
    uint low = pair / step * step * 2u + pair % step, high = low + step;
    bool upwards = (low & (chunk - 1u) & size) == 0u;
    if (comes_first(keys[high], positions[high], keys[low], positions[low]) == upwards) {
      int64_t key = keys[low];
      keys[low] = keys[high];
      keys[high] = key;
      uint position = positions[low];
      positions[low] = positions[high];
      positions[high] = position;
    }
  }
  barrier();
}

// Of two neighbouring blocks, the first upwards and the second downwards, keeps the elements that come first.
void halve(uint count) {
  int64_t kept_keys[kKept];
  uint kept_positions[kKept];
  for (uint n = 0u; n < kKept; ++n) {
    uint e = gl_LocalInvocationID.x + n * RLX_SORT_LANES;
    if (e >= count / 2u) break;
    uint low = e / P.block * P.block * 2u + e % P.block, high = low + P.block;
    uint better = comes_first(keys[low], positions[low], keys[high], positions[high]) ? low : high;
    kept_keys[n] = keys[better];
    kept_positions[n] = positions[better];
  }
  barrier();
  for (uint n = 0u; n < kKept; ++n) {
    uint e = gl_LocalInvocationID.x + n * RLX_SORT_LANES;
    if (e >= count / 2u) break;
    keys[e] = kept_keys[n];
    positions[e] = kept_positions[n];
  }
  barrier();
}

void load_candidate(uint e, uint row, uint i) {
  bool there = i < P.listed;
  uint position = 0xffffffffu;
  if (there) position = P.is_first != 0u ? i : At32(P.from + uint64_t(row * P.listed + i) * 4ul).v;
  positions[e] = position;
  keys[e] = there ? key_at(row, position) : 0x7fffffffffffffffl;
}

void main() {
  uint lane = gl_LocalInvocationID.x;
  uint chunks = (P.listed + P.chunk - 1u) / P.chunk, together = RLX_SORT_CHUNK / P.chunk;
  // Chunks but the last are full, so all lists are of one length.
  uint kept = (chunks - 1u) * P.keep + min(P.keep, P.listed - (chunks - 1u) * P.chunk);
  for (uint first = gl_WorkGroupID.x * together; first < P.rows * chunks; first += gl_NumWorkGroups.x * together) {
    uint taken = min(together, P.rows * chunks - first), count = taken * P.chunk;
    for (uint e = lane; e < count; e += RLX_SORT_LANES) {
      uint n = first + e / P.chunk;
      load_candidate(e, n / chunks, n % chunks * P.chunk + e % P.chunk);
    }
    barrier();
    for (uint size = 2u; size <= P.block; size *= 2u)
      for (uint step = size / 2u; step > 0u; step /= 2u) exchange(count, P.chunk, size, step);
    for (uint chunk = P.chunk; chunk > P.block;) {
      halve(count);
      chunk /= 2u;
      count /= 2u;
      for (uint step = P.block / 2u; step > 0u; step /= 2u) exchange(count, chunk, P.block, step);
    }
    for (uint e = lane; e < count; e += RLX_SORT_LANES) {
      uint n = first + e / P.block, row = n / chunks, chunk = n % chunks, i = e % P.block;
      if (i >= P.keep || chunk * P.chunk + i >= P.listed) continue;
      if (P.is_last != 0u)
        put_result(row, i, positions[e]);
      else
        At32(P.to + uint64_t(row * kept + chunk * P.keep + i) * 4ul).v = positions[e];
    }
    barrier();
  }
}
