// What kernels share that give a block to each row: reductions and running totals over the threads of a block.
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

// What the threads of a block before this one have together, and what all of them have.
template <typename A>
struct BlockScan {
  A before, all;
};

// For an associative combine with the neutral element init; partial as in block_reduce.
template <typename A, typename Combine>
SIMT_DEVICE BlockScan<A> block_scan(A value, A init, Combine combine, A* partial) {
  SIMT_UNROLL
  for (u32 delta = 1; delta < kWarp; delta *= 2) {
    const A below = shuffle_up(value, delta);
    if (lane_index() >= delta) value = combine(below, value);
  }
  const A lower = shuffle_up(value, 1);
  const u32 own = thread_index() / kWarp;
  if (lane_index() == kWarp - 1) partial[own] = value;
  barrier();
  BlockScan<A> result{init, init};
  for (u32 warp = 0; warp < block_size() / kWarp; ++warp) {
    if (warp == own) result.before = result.all;
    result.all = combine(result.all, partial[warp]);
  }
  barrier();
  if (lane_index() > 0) result.before = combine(result.before, lower);
  return result;
}

// Where row (o, n) of outer × size × inner elements begins; its elements are inner apart.
SIMT_DEVICE i64 row_start(u64 row, u64 size, u64 inner) {
  return static_cast<i64>(row / inner * size * inner + row % inner);
}

SIMT_DEVICE i64 row_offset(const RowParts& p, u64 row, u64 at) {
  return row_start(row, p.size, p.inner) + static_cast<i64>(at * p.inner);
}

SIMT_DEVICE u64 part_end(const RowParts& p, u64 part) {
  const u64 end = (part + 1) * p.part_size;
  return end < p.size ? end : p.size;
}

// The offset of the element whose row-major number among dims is at.
SIMT_DEVICE i64 strided_offset(u64 at, u32 rank, const uint64_t* dims, const int64_t* strides) {
  i64 offset = 0;
  for (u32 axis = rank; axis-- > 1; at /= dims[axis]) offset += static_cast<i64>(at % dims[axis]) * strides[axis];
  return rank > 0 ? offset + static_cast<i64>(at) * strides[0] : offset;
}

}  // namespace simt
