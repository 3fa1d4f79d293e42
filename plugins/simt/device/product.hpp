// What all matrix products share: where the operands of one of a batch lie, and where its results go.
#pragma once

#include "reduce.hpp"

namespace simt {

// An operand of one product among a batch of them.
template <typename T>
SIMT_DEVICE Address batch_of(Address base, const MatmulParams& p, const int64_t* strides, u64 batch) {
  return base + static_cast<u64>(strided_offset(batch, p.batch_rank, p.batch_dims, strides)) * sizeof(T);
}
// y[batch, m, n] = sum + bias.
template <typename T>
SIMT_DEVICE void store_product(const MatmulParams& p, u64 batch, u64 m, u64 n, accumulator_t<T> sum) {
  if (p.bias) sum += static_cast<accumulator_t<T>>(load<T>(p.bias, static_cast<i64>(n)));
  store<T>(p.y, static_cast<i64>((batch * p.m + m) * p.n + n), static_cast<lane_t<T>>(sum));
}

}  // namespace simt
