// Normalisation of rows, a block for each: the mean and then the squared distance from it, in two passes, since one
// pass loses the digits that a large mean has in common with its row.
#pragma once

#include "rows.hpp"
#include "scalar_ops.hpp"

namespace simt {

// kCentred: layer_norm; otherwise rms_norm. With a residual the row is x + residual, which sum keeps.
template <typename T, bool kCentred>
SIMT_DEVICE void row_norm(const NormParams& p) {
  typedef lane_t<T> A;
  const auto add = [](A a, A b) { return a + b; };
  for (u64 row = block_index(); row < p.rows; row += grid_size()) {
    const i64 start = static_cast<i64>(row * p.size);
    const Address from = p.residual ? p.sum : p.x;
    if (p.residual) {
      for (u64 i = thread_index(); i < p.size; i += block_size()) {
        const i64 at = start + static_cast<i64>(i);
        store<T>(p.sum, at, load<T>(p.x, at) + load<T>(p.residual, at));
      }
      // A thread reads below what it has written itself.
    }
    A mean = A(0), squares = A(0);
    if (kCentred) {
      for (u64 i = thread_index(); i < p.size; i += block_size()) mean += load<T>(from, start + static_cast<i64>(i));
      mean = block_reduce(mean, add, shared<A>()) / static_cast<A>(p.size);
    }
    for (u64 i = thread_index(); i < p.size; i += block_size()) {
      const A x = load<T>(from, start + static_cast<i64>(i)) - mean;
      squares += x * x;
    }
    squares = block_reduce(squares, add, shared<A>());
    const A scale = A(1) / m_sqrt(squares / static_cast<A>(p.size) + static_cast<A>(p.eps));
    for (u64 i = thread_index(); i < p.size; i += block_size()) {
      const i64 at = start + static_cast<i64>(i), column = static_cast<i64>(i);
      A y = (load<T>(from, at) - mean) * scale;
      if (p.gamma) y *= load<T>(p.gamma, column);
      if (p.beta) y += load<T>(p.beta, column);
      store<T>(p.y, at, y);
    }
  }
}

}  // namespace simt
