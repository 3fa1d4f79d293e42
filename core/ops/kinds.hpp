// The kinds of unary and binary: what they accept and the defaults of alpha and beta.
#pragma once

#include <rlx/op.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace rlx::ops {

struct UnaryKind {
  std::string_view name;
  bool (*accepts)(DType);
  std::string_view domain;  // for messages
  double alpha = 0;
  double beta = 0;
  bool to_bool = false;
};

// Null for an unknown name.
const UnaryKind* find_unary_kind(std::string_view name);
std::vector<std::string_view> unary_kind_names();
// The same with "none" in front: the choices of an `activation` attribute.
std::vector<std::string_view> activation_names();
// The attribute `activation`: none, or a kind that keeps input 0's dtype.
Status check_activation(const InferContext& context);

}  // namespace rlx::ops
