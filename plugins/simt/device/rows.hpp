// What kernels share that give a block to each row: reductions over the threads of a block.
#pragma once

#include "layer.hpp"
#include "params.hpp"

namespace simt {

// The value of every thread combined, the same in all of them. partial: one A for each warp of the block, in shared
// memory; free again when this returns. The block is a whole number of warps, and all of it calls this.
template <typename A, typename Combine>
SIMT_DEVICE A block_reduce(A value, Combine combine, A* partial) {
  SIMT_UNROLL
  for (u32 mask = kWarp / 2; mask > 0; mask /= 2) value = combine(value, shuffle_xor(value, mask));
  if (lane_index() == 0) partial[thread_index() / kWarp] = value;
  barrier();
  A all = partial[0];
  for (u32 warp = 1; warp < block_size() / kWarp; ++warp) all = combine(all, partial[warp]);
  barrier();
  return all;
}

// The offset of the element whose row-major number among dims is at.
SIMT_DEVICE i64 strided_offset(u64 at, u32 rank, const uint64_t* dims, const int64_t* strides) {
  i64 offset = 0;
  for (u32 axis = rank; axis-- > 1; at /= dims[axis]) offset += static_cast<i64>(at % dims[axis]) * strides[axis];
  return rank > 0 ? offset + static_cast<i64>(at) * strides[0] : offset;
}

}  // namespace simt
