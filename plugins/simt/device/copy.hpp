// Moving elements as they are: one strided copy stands for transpose, slice, expand, concat and their relatives. Word
// is the unsigned type of the element's size.
#pragma once

#include "params.hpp"
#include "rows.hpp"

namespace simt {

template <typename Word>
SIMT_DEVICE void strided_copy(const CopyParams& p) {
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    const i64 from = strided_offset(at, p.rank, p.dims, p.x_strides);
    const i64 to = strided_offset(at, p.rank, p.dims, p.y_strides);
    reinterpret_cast<Word*>(p.y)[to] = reinterpret_cast<const Word*>(p.x)[from];
  }
}

template <typename Word>
SIMT_DEVICE void fill(const FillParams& p) {
  const Word word = p.scalar ? *reinterpret_cast<const Word*>(p.scalar) : static_cast<Word>(p.bits);
  for (u64 at = grid_first(); at < p.count; at += grid_step()) reinterpret_cast<Word*>(p.y)[at] = word;
}

}  // namespace simt
