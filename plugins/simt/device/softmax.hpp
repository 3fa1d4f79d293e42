// softmax and log_softmax: three passes over each row (maximum, sum, result), by a block; by a thread where many rows
// lie next to each other. The second and third pass of a row that fits the cache read from there.
#pragma once

#include "rows.hpp"
#include "scalar_ops.hpp"

namespace simt {

template <typename T>
SIMT_DEVICE void softmax(const SoftmaxParams& p) {
  typedef lane_t<T> A;
  for (u64 row = block_index(); row < p.outer * p.inner; row += grid_size()) {
    const i64 start = row_start(row, p.size, p.inner);
    const i64 stride = static_cast<i64>(p.inner);
    A top = number<A>::lowest(), sum = A(0);
    for (u64 i = thread_index(); i < p.size; i += block_size())
      top = binary_max(top, load<T>(p.x, start + static_cast<i64>(i) * stride));
    top = block_reduce(
        top, [](A a, A b) { return binary_max(a, b); }, shared<A>());
    for (u64 i = thread_index(); i < p.size; i += block_size())
      sum += m_exp(load<T>(p.x, start + static_cast<i64>(i) * stride) - top);
    sum = block_reduce(
        sum, [](A a, A b) { return a + b; }, shared<A>());
    const A scale = A(1) / sum, log_sum = m_log(sum);
    for (u64 i = thread_index(); i < p.size; i += block_size()) {
      const i64 at = start + static_cast<i64>(i) * stride;
      const A x = load<T>(p.x, at) - top;
      store<T>(p.y, at, p.is_log ? x - log_sum : m_exp(x) * scale);
    }
  }
}

template <typename T>
SIMT_DEVICE void softmax_columns(const SoftmaxParams& p) {
  typedef lane_t<T> A;
  for (u64 row = grid_first(); row < p.outer * p.inner; row += grid_step()) {
    const i64 start = row_start(row, p.size, p.inner), end = start + static_cast<i64>(p.size * p.inner);
    const i64 stride = static_cast<i64>(p.inner);
    A top = number<A>::lowest(), sum = A(0);
    for (i64 at = start; at < end; at += stride) top = binary_max(top, load<T>(p.x, at));
    for (i64 at = start; at < end; at += stride) sum += m_exp(load<T>(p.x, at) - top);
    const A scale = A(1) / sum, log_sum = m_log(sum);
    for (i64 at = start; at < end; at += stride) {
      const A x = load<T>(p.x, at) - top;
      store<T>(p.y, at, p.is_log ? x - log_sum : m_exp(x) * scale);
    }
  }
}

}  // namespace simt
