// unary, unary_backward and relu_backward: every kind over its domain, odd sizes, and IEEE's special values where the
// formula gives them one meaning.
#include "../case.hpp"

namespace conformance {
namespace {

enum class Domain { kFloat, kNumber, kInteger, kBool };

struct Kind {
  const char* name;
  double low, high;  // where the function is defined and does not overflow f16
  bool special;      // its formula says what happens at NaN, ±inf and ±0
  Domain domain = Domain::kFloat;
  bool differentiable = true;
};

constexpr Kind kKinds[] = {
    {"gelu", -4, 4, false},
    {"gelu_tanh", -4, 4, false},
    {"silu", -6, 6, false},
    {"relu", -3, 3, true, Domain::kNumber},
    {"leaky_relu", -3, 3, true},
    {"elu", -3, 3, true},
    {"selu", -3, 3, true},
    {"celu", -3, 3, true},
    {"hard_sigmoid", -4, 4, false},
    {"hard_swish", -4, 4, false},
    {"mish", -4, 4, false},
    {"softplus", -20, 20, true},
    {"softsign", -5, 5, false},
    {"thresholded_relu", -3, 3, false},
    {"shrink", -3, 3, false, Domain::kNumber},
    {"sigmoid", -8, 8, true},
    {"tanh", -4, 4, true},
    {"exp", -5, 5, true},
    {"log", 0.01, 50, true},
    {"log1p", -0.9, 50, true},
    {"expm1", -5, 5, true},
    {"sqrt", 0.01, 50, true},
    {"rsqrt", 0.05, 50, true},
    {"recip", 0.1, 8, true},
    {"neg", -8, 8, true, Domain::kNumber},
    {"abs", -8, 8, true, Domain::kNumber},
    {"sign", -3, 3, false, Domain::kNumber},
    {"floor", -9, 9, true},
    {"ceil", -9, 9, true},
    {"round", -9, 9, true},
    {"trunc", -9, 9, true},
    {"sin", -7, 7, true},
    {"cos", -7, 7, true},
    {"tan", -1.4, 1.4, true},
    {"asin", -0.95, 0.95, true},
    {"acos", -0.95, 0.95, true},
    {"atan", -8, 8, true},
    {"sinh", -4, 4, true},
    {"cosh", -4, 4, true},
    {"asinh", -8, 8, true},
    {"acosh", 1.05, 20, true},
    {"atanh", -0.95, 0.95, true},
    {"erf", -3, 3, true},
    {"not", 0, 1, false, Domain::kBool, false},
    {"bit_not", -100, 100, false, Domain::kInteger, false},
    {"is_nan", -3, 3, true, Domain::kFloat, false},
    {"is_inf", -3, 3, true, Domain::kFloat, false},
};

void add_domain(CaseList& list, const Kind& kind) {
  const Attrs attrs = {attr("kind", kind.name)};
  const auto add_each = [&](auto&& dtypes) {
    for (const DType dtype : dtypes) list.add("unary", {uniform(dtype, {3, 37}, kind.low, kind.high)}, attrs);
  };
  if (kind.domain == Domain::kFloat || kind.domain == Domain::kNumber) add_each(kFloats);
  if (kind.domain == Domain::kInteger || kind.domain == Domain::kNumber) add_each(kIntegers);
  if (kind.domain == Domain::kBool) list.add("unary", {booleans({3, 37})}, attrs);
  if (kind.special) {
    list.add("unary", {special(DType::kF32, {64})}, attrs);
    list.add("unary", {special(DType::kF16, {64})}, attrs);
  }
}

void add_parameters(CaseList& list) {
  struct Parameters {
    const char* kind;
    double alpha, beta;
  };
  constexpr Parameters kParameters[] = {
      {"leaky_relu", 0.3, 0},     {"elu", 0.7, 0},     {"selu", 1.2, 0.8},  {"celu", 2, 0},
      {"hard_sigmoid", 0.1, 0.6}, {"shrink", 1, 0.25}, {"shrink", 1, -0.5}, {"thresholded_relu", 0.5, 0}};
  for (const Parameters& p : kParameters)
    for (const DType dtype : kFloats)
      list.add("unary", {uniform(dtype, {5, 13}, -3, 3)},
               {attr("kind", p.kind), attr("alpha", p.alpha), attr("beta", p.beta)});
  for (const DType dtype : kIntegers)
    list.add("unary", {uniform(dtype, {5, 13}, -9, 9)},
             {attr("kind", "shrink"), attr("alpha", 2.0), attr("beta", 1.0)});
  for (const double alpha : {0.0, 1.0})
    for (const double beta : {0.0, 1.0})
      list.add("unary", {special(DType::kF32, {32})},
               {attr("kind", "is_inf"), attr("alpha", alpha), attr("beta", beta)});
}

void add_backward(CaseList& list) {
  for (const Kind& kind : kKinds) {
    if (!kind.differentiable) continue;
    for (const DType dtype : kFloats)
      list.add("unary_backward", {uniform(dtype, {3, 21}, kind.low, kind.high), uniform(dtype, {3, 21})},
               {attr("kind", kind.name)})
          .tolerance = 4;
  }
  for (const DType dtype : kFloats) list.add("relu_backward", {uniform(dtype, {4, 9}), uniform(dtype, {4, 9})});
  list.add("relu_backward", {values(DType::kF32, {4}, {-0.0, 0.0, 1, -1}), uniform(DType::kF32, {4})});
}

}  // namespace

void add_unary_cases(CaseList& list) {
  for (const Kind& kind : kKinds) add_domain(list, kind);
  for (const Shape& shape : {Shape{}, Shape{0, 3}, Shape{1, 2, 1, 3, 1, 2, 1, 2}, Shape{1031}})
    list.add("unary", {uniform(DType::kF32, shape)}, {attr("kind", "exp")});
  list.add("unary", {values(DType::kF32, {6}, {0.5, 1.5, 2.5, -0.5, -1.5, -2.5})}, {attr("kind", "round")});
  for (const DType dtype : {DType::kI8, DType::kI64}) {
    list.add("unary", {extreme(dtype, {17})}, {attr("kind", "neg")});
    list.add("unary", {extreme(dtype, {17})}, {attr("kind", "abs")});
  }
  list.add("unary", {extreme(DType::kU16, {17})}, {attr("kind", "neg")});
  add_parameters(list);
  add_backward(list);
}

}  // namespace conformance
