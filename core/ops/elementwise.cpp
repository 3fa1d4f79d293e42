// Elementwise ops. Operands broadcast as in numpy; dtypes are equal, nothing promotes.
//   unary: y = kind(x, alpha, beta)      binary: y = a kind b      compare: y = a kind b, bool
//   where: y = c ? a : b                 clamp: y = min(max(x, lo), hi)
#include "ops/decompose.hpp"
#include "ops/emit.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/kinds.hpp"
#include "ops/spec.hpp"

#include <limits>

namespace rlx::ops {
namespace {

Result<Types> infer_copy(InferContext& c) {
  return one(c.dtype(0), c.shape(0));
}

// Fills alpha and beta, whose defaults depend on the kind.
Result<const UnaryKind*> normalise_unary(InferContext& c) {
  const UnaryKind* kind = find_unary_kind(c.attrs.str("kind"));
  if (!kind) return bad(c, "unknown kind '{}'", c.attrs.str("kind"));
  if (!c.attrs.has("alpha")) c.attrs.set("alpha", kind->alpha);
  if (!c.attrs.has("beta")) c.attrs.set("beta", kind->beta);
  if (!kind->accepts(c.dtype(0))) return bad(c, "{} of {}: needs {}", kind->name, name_of(c.dtype(0)), kind->domain);
  return kind;
}

Result<Types> infer_unary(InferContext& c) {
  RLX_ASSIGN(const UnaryKind* kind, normalise_unary(c));
  return one(kind->to_bool ? DType::kBool : c.dtype(0), c.shape(0));
}

Result<Types> infer_unary_backward(InferContext& c) {
  RLX_ASSIGN(const UnaryKind* kind, normalise_unary(c));
  if (kind->to_bool || !is_float(c.dtype(0)))
    return bad(c, "{} of {} has no gradient", kind->name, name_of(c.dtype(0)));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_shape(c, 1, c.shape(0), "dy"));
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_relu_backward(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_shape(c, 1, c.shape(0), "dy"));
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_binary(InferContext& c) {
  RLX_TRY(check_same_dtype(c, 0, 1));
  const std::string& kind = c.attrs.str("kind");
  const DType dtype = c.dtype(0);
  const bool logical = kind == "and" || kind == "or" || kind == "xor";
  const bool bitwise = kind == "bit_and" || kind == "bit_or" || kind == "bit_xor" || kind == "shl" || kind == "shr";
  if (logical && dtype != DType::kBool) return bad(c, "{} of {}: needs bool", kind, name_of(dtype));
  if (bitwise && !is_int(dtype)) return bad(c, "{} of {}: needs an integer", kind, name_of(dtype));
  if (!logical && !bitwise && !is_number(dtype)) return bad(c, "{} of {}: needs a number", kind, name_of(dtype));
  RLX_ASSIGN(const Shape shape, broadcast_inputs(c, 0, 2));
  return one(dtype, shape);
}

Result<Types> infer_compare(InferContext& c) {
  RLX_TRY(check_same_dtype(c, 0, 1));
  const std::string& kind = c.attrs.str("kind");
  const bool equality = kind == "eq" || kind == "ne";
  RLX_TRY(check_dtype(c, 0, equality ? is_number_or_bool : is_number, equality ? "a number or bool" : "a number"));
  RLX_ASSIGN(const Shape shape, broadcast_inputs(c, 0, 2));
  return one(DType::kBool, shape);
}

Result<Types> infer_where(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_bool, "bool"));
  RLX_TRY(check_same_dtype(c, 1, 2));
  RLX_ASSIGN(const Shape shape, broadcast_inputs(c, 0, 3));
  return one(c.dtype(1), shape);
}

Result<Types> infer_clamp(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  for (size_t i = 1; i < 3; ++i) {
    if (!c.has(i)) continue;
    RLX_TRY(check_same_dtype(c, 0, i));
    RLX_TRY(check_scalar(c, i));
  }
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_cast(InferContext& c) {
  RLX_TRY(check_present(c, "to"));
  const DType to = c.attrs.dtype("to");
  if (!is_valid(to)) return bad(c, "to is no dtype");
  return one(to, c.shape(0));
}

AttrSpec unary_kind_attr() {
  return choice_attr("kind", unary_kind_names());
}

Result<Values> decompose_relu_backward(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId zero = e.like(e.in(0), 0);
  return e.done({e.where(e.compare("gt", e.in(0), zero), e.in(1), zero)});
}

}  // namespace

Family elementwise_ops() {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  static const OpSchema schemas[] = {
      {.name = "copy",
       .flags = kOpElementwise,
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .infer = infer_copy},
      {.name = "unary",
       .flags = kOpElementwise,
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {unary_kind_attr(), float_attr("alpha"), float_attr("beta")},
       .infer = infer_unary},
      {.name = "binary",
       .flags = kOpElementwise,
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {choice_attr("kind", {"add", "sub", "mul", "div", "max", "min", "pow", "mod", "fmod", "atan2", "and",
                                      "or", "xor", "bit_and", "bit_or", "bit_xor", "shl", "shr"})},
       .infer = infer_binary},
      {.name = "compare",
       .flags = kOpElementwise,
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {choice_attr("kind", {"eq", "ne", "lt", "le", "gt", "ge"})},
       .infer = infer_compare},
      {.name = "where",
       .flags = kOpElementwise,
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .infer = infer_where},
      {.name = "clamp",
       .flags = kOpElementwise,
       .min_inputs = 1,
       .max_inputs = 3,
       .required_inputs = 1,
       .attrs = {float_attr("lo", -kInfinity), float_attr("hi", kInfinity)},
       .infer = infer_clamp},
      {.name = "cast",
       .flags = kOpElementwise,
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {dtype_attr("to")},
       .infer = infer_cast},
      {.name = "relu_backward",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .infer = infer_relu_backward,
       .decompose = decompose_relu_backward},
      {.name = "unary_backward",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {unary_kind_attr(), float_attr("alpha"), float_attr("beta")},
       .infer = infer_unary_backward,
       .decompose = decompose_unary_backward},
  };
  return schemas;
}

}  // namespace rlx::ops
