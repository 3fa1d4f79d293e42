// The table of unary kinds; docs/ops.md has the formulas.
#include "unary_kinds.hpp"

#include "number.hpp"

#include <cmath>

namespace rlx::ref {

namespace {

constexpr double kSqrtHalf = 0.70710678118654752440;
constexpr double kInvSqrt2Pi = 0.39894228040143267794;    // 1/√(2π)
constexpr double kTwoInvSqrtPi = 1.12837916709551257390;  // 2/√π
constexpr double kSqrt2InvPi = 0.79788456080286535588;    // √(2/π)
constexpr double kGeluCubic = 0.044715;

// NaN passes through.
double clamp(double x, double lo, double hi) {
  return x < lo ? lo : x > hi ? hi : x;
}
double normal_cdf(double x) {
  return 0.5 * std::erfc(-x * kSqrtHalf);
}
double normal_pdf(double x) {
  return kInvSqrt2Pi * std::exp(-0.5 * x * x);
}
double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}
// Written so that e^x never overflows.
double softplus(double x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}
double tanh_of_gelu(double x) {
  return std::tanh(kSqrt2InvPi * (x + kGeluCubic * x * x * x));
}
double sech_squared(double x) {
  const double t = std::tanh(x);
  return 1 - t * t;
}
double sign(double x) {
  return x > 0 ? 1 : x < 0 ? -1 : x;
}

double zero(double, double, double) {
  return 0;
}

// a is alpha, b is beta.
constexpr UnaryKind kKinds[] = {
    {"gelu", [](double x, double, double) { return x * normal_cdf(x); },
     [](double x, double, double) { return normal_cdf(x) + x * normal_pdf(x); }},
    {"gelu_tanh", [](double x, double, double) { return 0.5 * x * (1 + tanh_of_gelu(x)); },
     [](double x, double, double) {
       const double t = tanh_of_gelu(x);
       return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * kSqrt2InvPi * (1 + 3 * kGeluCubic * x * x);
     }},
    {"silu", [](double x, double, double) { return x * sigmoid(x); },
     [](double x, double, double) { return sigmoid(x) * (1 + x * (1 - sigmoid(x))); }},
    {"relu", [](double x, double, double) { return x < 0 ? 0 : x; },
     [](double x, double, double) { return x > 0 ? 1.0 : 0.0; }},
    {"leaky_relu", [](double x, double a, double) { return x < 0 ? a * x : x; },
     [](double x, double a, double) { return x > 0 ? 1.0 : a; }},
    {"elu", [](double x, double a, double) { return x > 0 ? x : a * std::expm1(x); },
     [](double x, double a, double) { return x > 0 ? 1 : a * std::exp(x); }},
    {"selu", [](double x, double a, double b) { return b * (x > 0 ? x : a * std::expm1(x)); },
     [](double x, double a, double b) { return b * (x > 0 ? 1 : a * std::exp(x)); }},
    {"celu", [](double x, double a, double) { return x > 0 ? x : a * std::expm1(x / a); },
     [](double x, double a, double) { return x > 0 ? 1 : std::exp(x / a); }},
    {"hard_sigmoid", [](double x, double a, double b) { return clamp(a * x + b, 0, 1); },
     [](double x, double a, double b) { return a * x + b > 0 && a * x + b < 1 ? a : 0; }},
    {"hard_swish", [](double x, double, double) { return x * clamp(x / 6 + 0.5, 0, 1); },
     [](double x, double, double) { return x <= -3  ? 0
                                           : x >= 3 ? 1
                                                    : x / 3 + 0.5; }},
    {"mish", [](double x, double, double) { return x * std::tanh(softplus(x)); },
     [](double x, double, double) { return std::tanh(softplus(x)) + x * sech_squared(softplus(x)) * sigmoid(x); }},
    {"softplus", [](double x, double, double) { return softplus(x); },
     [](double x, double, double) { return sigmoid(x); }},
    {"softsign", [](double x, double, double) { return x / (1 + std::fabs(x)); },
     [](double x, double, double) { return 1 / ((1 + std::fabs(x)) * (1 + std::fabs(x))); }},
    {"thresholded_relu", [](double x, double a, double) { return x > a ? x : 0; },
     [](double x, double a, double) { return x > a ? 1.0 : 0.0; }},
    {"shrink", [](double x, double a, double b) { return x < -a  ? x + b
                                                         : x > a ? x - b
                                                                 : 0; },
     [](double x, double a, double) { return x < -a || x > a ? 1.0 : 0.0; }},
    {"sigmoid", [](double x, double, double) { return sigmoid(x); },
     [](double x, double, double) { return sigmoid(x) * sigmoid(-x); }},
    {"tanh", [](double x, double, double) { return std::tanh(x); },
     [](double x, double, double) { return sech_squared(x); }},
    {"exp", [](double x, double, double) { return std::exp(x); }, [](double x, double, double) { return std::exp(x); }},
    {"log", [](double x, double, double) { return std::log(x); }, [](double x, double, double) { return 1 / x; }},
    {"log1p", [](double x, double, double) { return std::log1p(x); },
     [](double x, double, double) { return 1 / (1 + x); }},
    {"expm1", [](double x, double, double) { return std::expm1(x); },
     [](double x, double, double) { return std::exp(x); }},
    {"sqrt", [](double x, double, double) { return std::sqrt(x); },
     [](double x, double, double) { return 0.5 / std::sqrt(x); }},
    {"rsqrt", [](double x, double, double) { return 1 / std::sqrt(x); },
     [](double x, double, double) { return -0.5 / (x * std::sqrt(x)); }},
    {"recip", [](double x, double, double) { return 1 / x; }, [](double x, double, double) { return -1 / (x * x); }},
    {"neg", [](double x, double, double) { return -x; }, [](double, double, double) { return -1.0; }},
    {"abs", [](double x, double, double) { return std::fabs(x); }, [](double x, double, double) { return sign(x); }},
    {"sign", [](double x, double, double) { return sign(x); }, zero},
    {"floor", [](double x, double, double) { return std::floor(x); }, zero},
    {"ceil", [](double x, double, double) { return std::ceil(x); }, zero},
    {"round", [](double x, double, double) { return std::nearbyint(x); }, zero},
    {"trunc", [](double x, double, double) { return std::trunc(x); }, zero},
    {"sin", [](double x, double, double) { return std::sin(x); }, [](double x, double, double) { return std::cos(x); }},
    {"cos", [](double x, double, double) { return std::cos(x); },
     [](double x, double, double) { return -std::sin(x); }},
    {"tan", [](double x, double, double) { return std::tan(x); },
     [](double x, double, double) { return 1 + std::tan(x) * std::tan(x); }},
    {"asin", [](double x, double, double) { return std::asin(x); },
     [](double x, double, double) { return 1 / std::sqrt(1 - x * x); }},
    {"acos", [](double x, double, double) { return std::acos(x); },
     [](double x, double, double) { return -1 / std::sqrt(1 - x * x); }},
    {"atan", [](double x, double, double) { return std::atan(x); },
     [](double x, double, double) { return 1 / (1 + x * x); }},
    {"sinh", [](double x, double, double) { return std::sinh(x); },
     [](double x, double, double) { return std::cosh(x); }},
    {"cosh", [](double x, double, double) { return std::cosh(x); },
     [](double x, double, double) { return std::sinh(x); }},
    {"asinh", [](double x, double, double) { return std::asinh(x); },
     [](double x, double, double) { return 1 / std::sqrt(1 + x * x); }},
    {"acosh", [](double x, double, double) { return std::acosh(x); },
     [](double x, double, double) { return 1 / std::sqrt(x * x - 1); }},
    {"atanh", [](double x, double, double) { return std::atanh(x); },
     [](double x, double, double) { return 1 / (1 - x * x); }},
    {"erf", [](double x, double, double) { return std::erf(x); },
     [](double x, double, double) { return kTwoInvSqrtPi * std::exp(-x * x); }},
    {"is_nan", [](double x, double, double) { return std::isnan(x) ? 1.0 : 0.0; }, nullptr},
    {"is_inf", [](double x, double a, double b) { return std::isinf(x) && (x < 0 ? a : b) != 0 ? 1.0 : 0.0; }, nullptr},
};

// The kinds that integers and bool have, too. T is int64_t or uint64_t.
template <typename T>
T integer_unary(const Call& call, std::string_view kind, double alpha, double beta, T x) {
  if (kind == "relu") return x < T{0} ? T{0} : x;
  if (kind == "neg") return sub(T{0}, x);
  if (kind == "abs") return x < T{0} ? sub(T{0}, x) : x;
  if (kind == "sign") return x < T{0} ? static_cast<T>(-1) : static_cast<T>(x > T{0});
  if (kind == "bit_not") return static_cast<T>(~x);
  if (kind == "not") return static_cast<T>(x == T{0});
  if (kind == "shrink") {
    // A long double holds every 64-bit integer.
    const auto wide = static_cast<long double>(x);
    return sdk::cast_to<T>(wide < -alpha ? wide + beta : wide > alpha ? wide - beta : 0.0L);
  }
  call.bad_attribute("kind", kind);
}

}  // namespace

const UnaryKind& unary_kind(const Call& call, std::string_view name) {
  for (const UnaryKind& kind : kKinds)
    if (kind.name == name) return kind;
  call.bad_attribute("kind", name);
}

void apply_unary(const Call& call, std::string_view kind, double alpha, double beta, const Tensor& x, const Tensor& y) {
  visit_number(x.dtype, [&](auto number) {
    using T = decltype(number);
    std::vector<T> values = load<T>(x);
    if constexpr (std::is_same_v<T, double>) {
      const UnaryFunction f = unary_kind(call, kind).value;
      for (double& v : values) v = f(v, alpha, beta);
    } else {
      for (T& v : values) v = integer_unary(call, kind, alpha, beta, v);
    }
    store(y, values);
  });
}

template <>
void store_activated(const Call& call, const Tensor& out, std::vector<double> values) {
  const std::string_view kind = call.node.s("activation");
  if (kind != "none") {
    const double alpha = call.node.f("alpha"), beta = call.node.f("beta");
    const UnaryFunction f = unary_kind(call, kind).value;
    for (double& v : values) v = f(v, alpha, beta);
  }
  store(out, values);
}

template <>
void store_activated(const Call& call, const Tensor& out, std::vector<uint64_t> values) {
  const std::string_view kind = call.node.s("activation");
  store(out, values);
  if (kind != "none") apply_unary(call, kind, call.node.f("alpha"), call.node.f("beta"), out, out);
}

}  // namespace rlx::ref
