// Scatters without a reduction, where the last update of a place stays whatever runs when: each update leaves its
// number at its place, the largest stays, and only the update with that number writes. owners: 0 at every place.
#pragma once

#include "index.hpp"

namespace simt {

template <typename Index>
SIMT_DEVICE void rank_elements(const ElementIndexParams& p) {
  u32* owners = reinterpret_cast<u32*>(p.owners);
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    i64 to;
    if (element_target<Index>(p, at, to)) atomic_max(owners + to, static_cast<u32>(at + 1));
  }
}

template <typename Word, typename Index>
SIMT_DEVICE void replace_elements(const ElementIndexParams& p) {
  const u32* owners = reinterpret_cast<const u32*>(p.owners);
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    i64 to;
    if (element_target<Index>(p, at, to) && owners[to] == at + 1)
      reinterpret_cast<Word*>(p.y)[to] = reinterpret_cast<const Word*>(p.x)[at];
  }
}

// The same for blocks of elements, which are the places.
template <typename Index>
SIMT_DEVICE void rank_blocks(const BlockIndexParams& p) {
  u32* owners = reinterpret_cast<u32*>(p.owners);
  for (u64 update = grid_first(); update < p.count / p.block; update += grid_step()) {
    i64 to;
    if (block_target<Index>(p, update * p.block, to))
      atomic_max(owners + static_cast<u64>(to) / p.block, static_cast<u32>(update + 1));
  }
}

template <typename Word, typename Index>
SIMT_DEVICE void replace_blocks(const BlockIndexParams& p) {
  const u32* owners = reinterpret_cast<const u32*>(p.owners);
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    i64 to;
    if (block_target<Index>(p, at, to) && owners[static_cast<u64>(to) / p.block] == at / p.block + 1)
      reinterpret_cast<Word*>(p.y)[to] = reinterpret_cast<const Word*>(p.x)[at];
  }
}

}  // namespace simt
