// The kinds of the op `unary`: f and its derivative in double, for unary, unary_backward and the activations of linear
// and fused_conv_bias_act.
#pragma once

#include "kernel.hpp"

#include <string_view>

namespace rlx::ref {

using UnaryFunction = double (*)(double x, double alpha, double beta);

struct UnaryKind {
  std::string_view name;
  UnaryFunction value;
  UnaryFunction derivative;  // NULL where it makes no sense
};

// Throws INVALID_ARGUMENT for an unknown kind.
const UnaryKind& unary_kind(const Call& call, std::string_view name);

// y = kind(x, alpha, beta) in y's number domain: doubles for floats, 64-bit integers else. x and y may be one tensor.
void apply_unary(const Call& call, std::string_view kind, double alpha, double beta, const Tensor& x, const Tensor& y);

// Stores act(values) into out, for the attributes activation, alpha and beta of the call. T is double or, for
// integers, uint64_t, which wraps to out's dtype before the activation sees it.
template <typename T>
void store_activated(const Call& call, const Tensor& out, std::vector<T> values);

}  // namespace rlx::ref
