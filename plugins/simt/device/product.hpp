// What all matrix products share: where the operands of one of a batch lie, and where its results go.
#pragma once

#include "reduce.hpp"

namespace simt {

// An operand of one product among a batch of them.
template <typename T>
SIMT_DEVICE Address batch_of(Address base, const MatmulParams& p, const int64_t* strides, u64 batch) {
  return base + static_cast<u64>(strided_offset(batch, p.batch_rank, p.batch_dims, strides)) * sizeof(T);
}
template <typename A>
SIMT_CALLED A activated(u32 activation, A x) {
  switch (activation) {
    case kActivationRelu:
      return unary_relu(x, A(0), A(0));
    case kActivationGelu:
      return unary_gelu(x, A(0), A(0));
    case kActivationGeluTanh:
      return unary_gelu_tanh(x, A(0), A(0));
    case kActivationSilu:
      return unary_silu(x, A(0), A(0));
    case kActivationSigmoid:
      return unary_sigmoid(x, A(0), A(0));
    case kActivationTanh:
      return unary_tanh(x, A(0), A(0));
    default:
      return x;
  }
}

// y[batch, m, n] = act(sum + bias).
template <typename T>
SIMT_DEVICE void store_product(const MatmulParams& p, u64 batch, u64 m, u64 n, accumulator_t<T> sum) {
  if (p.bias) sum += static_cast<accumulator_t<T>>(load<T>(p.bias, static_cast<i64>(n)));
  if constexpr (number<accumulator_t<T>>::is_float)
    if (p.activation != kActivationNone) sum = activated(p.activation, sum);
  store<T>(p.y, static_cast<i64>((batch * p.m + m) * p.n + n), static_cast<lane_t<T>>(sum));
}

}  // namespace simt
