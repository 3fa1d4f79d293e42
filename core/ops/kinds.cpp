// The table of unary kinds; docs/ops.md has the formulas.
#include "ops/kinds.hpp"

#include "ops/infer.hpp"

namespace rlx::ops {
namespace {

constexpr std::string_view kFloat = "a float", kNumber = "a number", kInteger = "an integer", kBoolean = "bool";

constexpr UnaryKind kUnaryKinds[] = {
    {"gelu", is_float, kFloat},
    {"gelu_tanh", is_float, kFloat},
    {"silu", is_float, kFloat},
    {"relu", is_number, kNumber},
    {"leaky_relu", is_float, kFloat, 0.01},
    {"elu", is_float, kFloat, 1},
    {"selu", is_float, kFloat, 1.67326319217681884765625, 1.05070102214813232421875},
    {"celu", is_float, kFloat, 1},
    {"hard_sigmoid", is_float, kFloat, 0.2, 0.5},
    {"hard_swish", is_float, kFloat},
    {"mish", is_float, kFloat},
    {"softplus", is_float, kFloat},
    {"softsign", is_float, kFloat},
    {"thresholded_relu", is_float, kFloat, 1},
    {"shrink", is_number, kNumber, 0.5, 0},
    {"sigmoid", is_float, kFloat},
    {"tanh", is_float, kFloat},
    {"exp", is_float, kFloat},
    {"log", is_float, kFloat},
    {"log1p", is_float, kFloat},
    {"expm1", is_float, kFloat},
    {"sqrt", is_float, kFloat},
    {"rsqrt", is_float, kFloat},
    {"recip", is_float, kFloat},
    {"neg", is_number, kNumber},
    {"abs", is_number, kNumber},
    {"sign", is_number, kNumber},
    {"floor", is_float, kFloat},
    {"ceil", is_float, kFloat},
    {"round", is_float, kFloat},
    {"trunc", is_float, kFloat},
    {"sin", is_float, kFloat},
    {"cos", is_float, kFloat},
    {"tan", is_float, kFloat},
    {"asin", is_float, kFloat},
    {"acos", is_float, kFloat},
    {"atan", is_float, kFloat},
    {"sinh", is_float, kFloat},
    {"cosh", is_float, kFloat},
    {"asinh", is_float, kFloat},
    {"acosh", is_float, kFloat},
    {"atanh", is_float, kFloat},
    {"erf", is_float, kFloat},
    {"not", is_bool, kBoolean},
    {"bit_not", is_int, kInteger},
    {"is_nan", is_float, kFloat, 0, 0, true},
    {"is_inf", is_float, kFloat, 1, 1, true},
};

}  // namespace

const UnaryKind* find_unary_kind(std::string_view name) {
  for (const UnaryKind& kind : kUnaryKinds)
    if (kind.name == name) return &kind;
  return nullptr;
}

std::vector<std::string_view> unary_kind_names() {
  std::vector<std::string_view> names;
  for (const UnaryKind& kind : kUnaryKinds) names.push_back(kind.name);
  return names;
}

std::vector<std::string_view> activation_names() {
  std::vector<std::string_view> names = unary_kind_names();
  names.insert(names.begin(), "none");
  return names;
}

Status check_activation(const InferContext& context) {
  const std::string& name = context.attrs.str("activation");
  if (name == "none") return {};
  const UnaryKind* kind = find_unary_kind(name);
  if (!kind || kind->to_bool || !kind->accepts(context.dtype(0)))
    return bad(context, "activation {} does not apply to {}", name, name_of(context.dtype(0)));
  return {};
}

}  // namespace rlx::ops
