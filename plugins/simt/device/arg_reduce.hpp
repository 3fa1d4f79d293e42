// arg_reduce: a block for each part of a row that is dense, a thread for each part of one whose neighbours lie between
// its elements. With more than one part their answers go to partial, and arg_reduce_join takes the best.
#pragma once

#include "rows.hpp"
#include "sort_key.hpp"

namespace simt {

// What is looked for has the smallest key.
template <typename Key>
struct Extreme {
  Key key;
  u64 at;
};

template <typename Key>
SIMT_DEVICE Extreme<Key> better(const Extreme<Key>& a, const Extreme<Key>& b, bool last) {
  if (a.key != b.key) return a.key < b.key ? a : b;
  return (a.at < b.at) != last ? a : b;
}

// Loses against every element.
template <typename Key>
SIMT_DEVICE Extreme<Key> no_extreme(bool last) {
  return Extreme<Key>{static_cast<Key>(~Key(0)), last ? u64{0} : ~u64{0}};
}

template <typename T>
SIMT_DEVICE Extreme<sort_key_t<T>> extreme_at(const ArgReduceParams& p, u64 row, u64 at) {
  return {sort_key<T>(load<T>(p.x, row_offset(p.part, row, at)), p.largest), at};
}

// The best of every step-th element from first on.
template <typename T>
SIMT_DEVICE Extreme<sort_key_t<T>> best_of(const ArgReduceParams& p, u64 row, u64 first, u64 end, u64 step) {
  auto best = no_extreme<sort_key_t<T>>(p.last);
  SIMT_UNROLL_BY(4)
  for (u64 at = first; at < end; at += step) best = better(best, extreme_at<T>(p, row, at), p.last);
  return best;
}

SIMT_DEVICE void put_position(const ArgReduceParams& p, u64 at, u64 position) {
  reinterpret_cast<i64*>(p.part.parts > 1 ? p.part.partial : p.y)[at] = static_cast<i64>(position);
}

template <typename T>
SIMT_DEVICE void arg_reduce_rows(const ArgReduceParams& p) {
  typedef sort_key_t<T> Key;
  Extreme<Key>* of_warps = shared<Extreme<Key>>();
  for (u64 at = block_index(); at < p.part.rows * p.part.parts; at += grid_size()) {
    const u64 part = at / p.part.rows, first = part * p.part.part_size + thread_index();
    auto best = best_of<T>(p, at % p.part.rows, first, part_end(p.part, part), block_size());
    SIMT_UNROLL
    for (u32 mask = kWarp / 2; mask > 0; mask /= 2) {
      const Key key = shuffle_xor(best.key, mask);
      best = better(best, Extreme<Key>{key, shuffle_xor(best.at, mask)}, p.last);
    }
    if (lane_index() == 0) of_warps[thread_index() / kWarp] = best;
    barrier();
    if (thread_index() == 0) {
      for (u32 warp = 1; warp < block_size() / kWarp; ++warp) best = better(best, of_warps[warp], p.last);
      put_position(p, at, best.at);
    }
    barrier();
  }
}

template <typename T>
SIMT_DEVICE void arg_reduce_columns(const ArgReduceParams& p) {
  for (u64 at = grid_first(); at < p.part.rows * p.part.parts; at += grid_step()) {
    const u64 part = at / p.part.rows;
    put_position(p, at, best_of<T>(p, at % p.part.rows, part * p.part.part_size, part_end(p.part, part), 1).at);
  }
}

template <typename T>
SIMT_DEVICE void arg_reduce_join(const ArgReduceParams& p) {
  const i64* positions = reinterpret_cast<const i64*>(p.part.partial);
  for (u64 row = grid_first(); row < p.part.rows; row += grid_step()) {
    auto best = no_extreme<sort_key_t<T>>(p.last);
    for (u64 part = 0; part < p.part.parts; ++part)
      best = better(best, extreme_at<T>(p, row, static_cast<u64>(positions[part * p.part.rows + row])), p.last);
    reinterpret_cast<i64*>(p.y)[row] = static_cast<i64>(best.at);
  }
}

}  // namespace simt
