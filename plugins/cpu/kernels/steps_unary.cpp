// Unary steps as templates over the element type: f64, integers, bool, and the f32 kinds without vector code (bound by
// libm there).
#include "kernels/integer_math.hpp"
#include "kernels/plain_loop.hpp"

#include <utility>

namespace rlx::cpu {

namespace {

#define RLX_UNARY(name, expression)                                                            \
  struct name {                                                                                \
    template <typename T>                                                                      \
    static auto of(T x, [[maybe_unused]] const StepArgs& s) {                                  \
      [[maybe_unused]] const T alpha = static_cast<T>(s.alpha), beta = static_cast<T>(s.beta); \
      return expression;                                                                       \
    }                                                                                          \
  }

template <typename T>
T sigmoid(T x) {
  const T e = std::exp(-std::fabs(x));
  return (x < 0 ? e : T{1}) / (1 + e);
}
template <typename T>
T clamp01(T x) {
  return x < 0 ? T{0} : x > 1 ? T{1} : x;
}
template <typename T>
T softplus(T x) {
  return (x > 0 || x != x ? x : T{0}) + std::log1p(std::exp(-std::fabs(x)));
}
constexpr double kGeluCubic = 0.044715, kSqrt2OverPi = 0.79788456080286535588, kSqrtHalf = 0.70710678118654752440;

RLX_UNARY(Gelu, x* T(0.5) * std::erfc(-x * T(kSqrtHalf)));
RLX_UNARY(GeluTanh, x* sigmoid(T(2 * kSqrt2OverPi) * (x + T(kGeluCubic) * x * x * x)));
RLX_UNARY(Silu, x* sigmoid(x));
RLX_UNARY(Relu, x < 0 ? T{0} : x);
RLX_UNARY(LeakyRelu, x < 0 ? alpha * x : x);
RLX_UNARY(Elu, x > 0 ? x : alpha * std::expm1(x));
RLX_UNARY(Selu, beta*(x > 0 ? x : alpha * std::expm1(x)));
RLX_UNARY(Celu, x > 0 ? x : alpha * std::expm1(x / alpha));
RLX_UNARY(HardSigmoid, clamp01(alpha* x + beta));
RLX_UNARY(HardSwish, x* clamp01(x / 6 + T(0.5)));
RLX_UNARY(Mish, x* std::tanh(softplus(x)));
RLX_UNARY(Softplus, softplus(x));
RLX_UNARY(Softsign, x / (1 + std::fabs(x)));
RLX_UNARY(ThresholdedRelu, x <= alpha ? T{0} : x);
RLX_UNARY(Sigmoid, sigmoid(x));
RLX_UNARY(Tanh, std::tanh(x));
RLX_UNARY(Exp, std::exp(x));
RLX_UNARY(Log, std::log(x));
RLX_UNARY(Log1p, std::log1p(x));
RLX_UNARY(Expm1, std::expm1(x));
RLX_UNARY(Sqrt, std::sqrt(x));
RLX_UNARY(Rsqrt, 1 / std::sqrt(x));
RLX_UNARY(Recip, 1 / x);
RLX_UNARY(Floor, std::floor(x));
RLX_UNARY(Ceil, std::ceil(x));
RLX_UNARY(Round, std::nearbyint(x));
RLX_UNARY(Trunc, std::trunc(x));
RLX_UNARY(Sin, std::sin(x));
RLX_UNARY(Cos, std::cos(x));
RLX_UNARY(Tan, std::tan(x));
RLX_UNARY(Asin, std::asin(x));
RLX_UNARY(Acos, std::acos(x));
RLX_UNARY(Atan, std::atan(x));
RLX_UNARY(Sinh, std::sinh(x));
RLX_UNARY(Cosh, std::cosh(x));
RLX_UNARY(Asinh, std::asinh(x));
RLX_UNARY(Acosh, std::acosh(x));
RLX_UNARY(Atanh, std::atanh(x));
RLX_UNARY(Erf, std::erf(x));
RLX_UNARY(IsNan, static_cast<uint8_t>(x != x));
RLX_UNARY(IsInf, static_cast<uint8_t>(std::isinf(x) && (x < 0 ? alpha != 0 : beta != 0)));
RLX_UNARY(Not, static_cast<uint8_t>(x == 0));
RLX_UNARY(BitNot, static_cast<T>(~x));

struct Negate {
  template <typename T>
  static T of(T x, const StepArgs&) {
    if constexpr (std::is_floating_point_v<T>)
      return -x;
    else
      return static_cast<T>(0 - wide(x));
  }
};
struct Abs {
  template <typename T>
  static T of(T x, const StepArgs& s) {
    if constexpr (std::is_floating_point_v<T>)
      return std::fabs(x);
    else
      return x < 0 ? Negate::of(x, s) : x;
  }
};
RLX_UNARY(Sign, x > 0 ? T{1} : x < 0 ? static_cast<T>(-1) : x);

// On integers the parameters may be fractions, so the comparison is between doubles.
struct Shrink {
  template <typename T>
  static T of(T x, const StepArgs& s) {
    const double v = static_cast<double>(x);
    if (v != v) return x;
    return v < -s.alpha ? sdk::cast_to<T>(v + s.beta) : v > s.alpha ? sdk::cast_to<T>(v - s.beta) : T{0};
  }
};

using Entry = std::pair<std::string_view, StepFn>;

template <typename T, size_t kCount>
StepFn find_in(const Entry (&entries)[kCount], std::string_view kind) {
  for (const auto& [name, step] : entries)
    if (name == kind) return step;
  return nullptr;
}

template <typename T>
StepFn find_number(std::string_view kind) {
  constexpr Entry kSteps[] = {{"relu", unary_loop<T, T, Relu>},
                              {"neg", unary_loop<T, T, Negate>},
                              {"abs", unary_loop<T, T, Abs>},
                              {"sign", unary_loop<T, T, Sign>},
                              {"shrink", unary_loop<T, T, Shrink>}};
  return find_in<T>(kSteps, kind);
}

template <typename T>
StepFn find_float(std::string_view kind) {
  constexpr Entry kSteps[] = {
      {"gelu", unary_loop<T, T, Gelu>},
      {"gelu_tanh", unary_loop<T, T, GeluTanh>},
      {"silu", unary_loop<T, T, Silu>},
      {"leaky_relu", unary_loop<T, T, LeakyRelu>},
      {"elu", unary_loop<T, T, Elu>},
      {"selu", unary_loop<T, T, Selu>},
      {"celu", unary_loop<T, T, Celu>},
      {"hard_sigmoid", unary_loop<T, T, HardSigmoid>},
      {"hard_swish", unary_loop<T, T, HardSwish>},
      {"mish", unary_loop<T, T, Mish>},
      {"softplus", unary_loop<T, T, Softplus>},
      {"softsign", unary_loop<T, T, Softsign>},
      {"thresholded_relu", unary_loop<T, T, ThresholdedRelu>},
      {"sigmoid", unary_loop<T, T, Sigmoid>},
      {"tanh", unary_loop<T, T, Tanh>},
      {"exp", unary_loop<T, T, Exp>},
      {"log", unary_loop<T, T, Log>},
      {"log1p", unary_loop<T, T, Log1p>},
      {"expm1", unary_loop<T, T, Expm1>},
      {"sqrt", unary_loop<T, T, Sqrt>},
      {"rsqrt", unary_loop<T, T, Rsqrt>},
      {"recip", unary_loop<T, T, Recip>},
      {"floor", unary_loop<T, T, Floor>},
      {"ceil", unary_loop<T, T, Ceil>},
      {"round", unary_loop<T, T, Round>},
      {"trunc", unary_loop<T, T, Trunc>},
      {"sin", unary_loop<T, T, Sin>},
      {"cos", unary_loop<T, T, Cos>},
      {"tan", unary_loop<T, T, Tan>},
      {"asin", unary_loop<T, T, Asin>},
      {"acos", unary_loop<T, T, Acos>},
      {"atan", unary_loop<T, T, Atan>},
      {"sinh", unary_loop<T, T, Sinh>},
      {"cosh", unary_loop<T, T, Cosh>},
      {"asinh", unary_loop<T, T, Asinh>},
      {"acosh", unary_loop<T, T, Acosh>},
      {"atanh", unary_loop<T, T, Atanh>},
      {"erf", unary_loop<T, T, Erf>},
      {"is_nan", unary_loop<T, uint8_t, IsNan>},
      {"is_inf", unary_loop<T, uint8_t, IsInf>},
  };
  return find_in<T>(kSteps, kind);
}

}  // namespace

StepFn find_unary_step(std::string_view kind, rlx_dtype dtype) {
  if (dtype == RLX_DTYPE_BOOL) return kind == "not" ? StepFn{unary_loop<uint8_t, uint8_t, Not>} : nullptr;
  StepFn step = dtype == RLX_DTYPE_F32 ? find_unary_step_f32(kind) : nullptr;
  if (step) return step;
  visit_number(dtype, [&](auto v) {
    using T = decltype(v);
    step = find_number<T>(kind);
    if (step) return;
    if constexpr (std::is_floating_point_v<T>)
      step = find_float<T>(kind);
    else if (kind == "bit_not")
      step = unary_loop<T, T, BitNot>;
  });
  return step;
}

}  // namespace rlx::cpu
