// unary_backward: dy·f'(x), one derivative per kind. At a kink the derivative is the one of the side that relu' takes:
// zero (or the left side's) at the point itself.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

#include <cmath>

namespace rlx::ops {
namespace {

constexpr double kInvSqrt2 = 0.70710678118654752440, kInvSqrt2Pi = 0.39894228040143267794;
constexpr double kSqrt2OverPi = 0.79788456080286535588, kTwoOverSqrtPi = 1.12837916709551257390;
constexpr double kGeluCubic = 0.044715;

// One formula at a time: x, its dtype's constants and the operators a derivative needs.
struct Formula {
  Emit& e;
  ValueId x;
  double alpha, beta;

  ValueId k(double value) const { return e.like(x, value); }
  ValueId f(std::string_view kind) const { return e.unary(kind, x); }
  ValueId f(std::string_view kind, ValueId of) const { return e.unary(kind, of); }
  ValueId add(ValueId a, ValueId b) const { return e.add(a, b); }
  ValueId sub(ValueId a, ValueId b) const { return e.sub(a, b); }
  ValueId mul(ValueId a, ValueId b) const { return e.mul(a, b); }
  ValueId one_minus(ValueId a) const { return e.sub(k(1), a); }
  ValueId square(ValueId a) const { return e.mul(a, a); }
  ValueId above(double limit, ValueId then, ValueId otherwise) const {
    return e.where(e.compare("gt", x, k(limit)), then, otherwise);
  }
  ValueId below(double limit, ValueId then, ValueId otherwise) const {
    return e.where(e.compare("lt", x, k(limit)), then, otherwise);
  }
};

using Derivative = ValueId (*)(const Formula&);

ValueId zero(const Formula& s) {
  return s.k(0);
}

// Φ(x) + x·φ(x)
ValueId gelu(const Formula& s) {
  const ValueId cdf = s.mul(s.k(0.5), s.add(s.k(1), s.f("erf", s.mul(s.x, s.k(kInvSqrt2)))));
  const ValueId pdf = s.mul(s.k(kInvSqrt2Pi), s.f("exp", s.mul(s.k(-0.5), s.square(s.x))));
  return s.add(cdf, s.mul(s.x, pdf));
}

// y = x/2·(1 + t), t = tanh(√(2/π)·(x + a·x³)):  y' = (1 + t)/2 + x/2·(1 − t²)·√(2/π)·(1 + 3a·x²)
ValueId gelu_tanh(const Formula& s) {
  const ValueId xx = s.square(s.x);
  const ValueId inner = s.mul(s.mul(s.x, s.k(kSqrt2OverPi)), s.add(s.k(1), s.mul(s.k(kGeluCubic), xx)));
  const ValueId t = s.f("tanh", inner);
  const ValueId slope = s.mul(s.k(0.5 * kSqrt2OverPi), s.add(s.k(1), s.mul(s.k(3 * kGeluCubic), xx)));
  return s.add(s.mul(s.k(0.5), s.add(s.k(1), t)), s.mul(s.mul(s.x, s.one_minus(s.square(t))), slope));
}

ValueId silu(const Formula& s) {
  const ValueId g = s.f("sigmoid");
  return s.mul(g, s.add(s.k(1), s.mul(s.x, s.one_minus(g))));
}

// tanh(softplus) + x·σ(x)·(1 − tanh²(softplus))
ValueId mish(const Formula& s) {
  const ValueId t = s.f("tanh", s.f("softplus"));
  return s.add(t, s.mul(s.mul(s.x, s.f("sigmoid")), s.one_minus(s.square(t))));
}

ValueId hard_sigmoid(const Formula& s) {
  const ValueId line = s.add(s.mul(s.k(s.alpha), s.x), s.k(s.beta));
  const ValueId rising = s.e.binary("and", s.e.compare("gt", line, s.k(0)), s.e.compare("lt", line, s.k(1)));
  return s.e.where(rising, s.k(s.alpha), s.k(0));
}

ValueId hard_swish(const Formula& s) {
  const ValueId middle = s.add(s.mul(s.x, s.k(1.0 / 3)), s.k(0.5));
  return s.below(-3, s.k(0), s.above(3, s.k(1), middle));
}

struct Entry {
  std::string_view kind;
  Derivative derivative;
};

constexpr Entry kDerivatives[] = {
    {"gelu", gelu},
    {"gelu_tanh", gelu_tanh},
    {"silu", silu},
    {"relu", [](const Formula& s) { return s.above(0, s.k(1), s.k(0)); }},
    {"leaky_relu", [](const Formula& s) { return s.above(0, s.k(1), s.k(s.alpha)); }},
    {"elu", [](const Formula& s) { return s.above(0, s.k(1), s.mul(s.k(s.alpha), s.f("exp"))); }},
    {"selu", [](const Formula& s) { return s.above(0, s.k(s.beta), s.mul(s.k(s.beta * s.alpha), s.f("exp"))); }},
    {"celu", [](const Formula& s) { return s.above(0, s.k(1), s.f("exp", s.mul(s.x, s.k(1 / s.alpha)))); }},
    {"hard_sigmoid", hard_sigmoid},
    {"hard_swish", hard_swish},
    {"mish", mish},
    {"softplus", [](const Formula& s) { return s.f("sigmoid"); }},
    {"softsign", [](const Formula& s) { return s.f("recip", s.square(s.add(s.k(1), s.f("abs")))); }},
    {"thresholded_relu", [](const Formula& s) { return s.above(s.alpha, s.k(1), s.k(0)); }},
    {"shrink", [](const Formula& s) { return s.below(-s.alpha, s.k(1), s.above(s.alpha, s.k(1), s.k(0))); }},
    {"sigmoid",
     [](const Formula& s) {
       const ValueId g = s.f("sigmoid");
       return s.mul(g, s.one_minus(g));
     }},
    {"tanh", [](const Formula& s) { return s.one_minus(s.square(s.f("tanh"))); }},
    {"exp", [](const Formula& s) { return s.f("exp"); }},
    {"log", [](const Formula& s) { return s.f("recip"); }},
    {"log1p", [](const Formula& s) { return s.f("recip", s.add(s.k(1), s.x)); }},
    {"expm1", [](const Formula& s) { return s.f("exp"); }},
    {"sqrt", [](const Formula& s) { return s.mul(s.k(0.5), s.f("rsqrt")); }},
    {"rsqrt",
     [](const Formula& s) {
       const ValueId r = s.f("rsqrt");
       return s.mul(s.k(-0.5), s.mul(r, s.square(r)));
     }},
    {"recip", [](const Formula& s) { return s.f("neg", s.square(s.f("recip"))); }},
    {"neg", [](const Formula& s) { return s.k(-1); }},
    {"abs", [](const Formula& s) { return s.f("sign"); }},
    {"sign", zero},
    {"floor", zero},
    {"ceil", zero},
    {"round", zero},
    {"trunc", zero},
    {"sin", [](const Formula& s) { return s.f("cos"); }},
    {"cos", [](const Formula& s) { return s.f("neg", s.f("sin")); }},
    {"tan", [](const Formula& s) { return s.add(s.k(1), s.square(s.f("tan"))); }},
    {"asin", [](const Formula& s) { return s.f("rsqrt", s.one_minus(s.square(s.x))); }},
    {"acos", [](const Formula& s) { return s.f("neg", s.f("rsqrt", s.one_minus(s.square(s.x)))); }},
    {"atan", [](const Formula& s) { return s.f("recip", s.add(s.k(1), s.square(s.x))); }},
    {"sinh", [](const Formula& s) { return s.f("cosh"); }},
    {"cosh", [](const Formula& s) { return s.f("sinh"); }},
    {"asinh", [](const Formula& s) { return s.f("rsqrt", s.add(s.square(s.x), s.k(1))); }},
    {"acosh", [](const Formula& s) { return s.f("rsqrt", s.sub(s.square(s.x), s.k(1))); }},
    {"atanh", [](const Formula& s) { return s.f("recip", s.one_minus(s.square(s.x))); }},
    {"erf", [](const Formula& s) { return s.mul(s.k(kTwoOverSqrtPi), s.f("exp", s.f("neg", s.square(s.x)))); }},
};

}  // namespace

Result<Values> decompose_unary_backward(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const std::string& kind = e.attrs().str("kind");
  for (const Entry& entry : kDerivatives) {
    if (entry.kind != kind) continue;
    const Formula formula{e, e.widen(e.in(0)), e.attrs().f("alpha"), e.attrs().f("beta")};
    const ValueId slope = entry.derivative(formula);
    return e.done({e.cast(e.mul(e.widen(e.in(1)), slope), e.dtype(e.in(0)))});
  }
  return error(Code::kUnimplemented, fmt::format("unary_backward: no derivative for kind {}", kind));
}

}  // namespace rlx::ops
