// The steps on f32 in vectors. Bound by the first-level cache (add, relu: 2 loads and a store per vector) or by the
// arithmetic (exp: 11 fused multiply-adds); kinds that no model runs in bulk are in steps_unary.cpp and
// steps_binary.cpp.
#include "kernels/step.hpp"

#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/steps_f32.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/f32_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {

// The elements after the last whole vector pass through a vector on the stack: no read or write behind the end, and no
// element is computed twice, so that the output may be an input.
struct Tail {
  HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)] = {};
  Tail(const float* from, size_t n) { copy(from, lanes, n); }
  Tail() = default;
  static void copy(const float* from, float* to, size_t n) {
    for (size_t i = 0; i < n; ++i) to[i] = from[i];
  }
};

struct Params {
  V32 alpha, beta;
};

// Out of line, so that the loops need no stack frame: it would cost a call on few elements more than the work.
template <typename Op>
HWY_NOINLINE void unary_tail(const float* x, float* y, size_t n, const StepArgs& s) {
  const F32 d;
  const Params p{set(static_cast<float>(s.alpha)), set(static_cast<float>(s.beta))};
  Tail t(x, n);
  hn::Store(Op::of(hn::Load(d, t.lanes), p), d, t.lanes);
  Tail::copy(t.lanes, y, n);
}

template <typename Op>
void unary(const StepArgs& s) {
  const F32 d;
  const size_t lanes = hn::Lanes(d), n = s.count;
  const Params p{set(static_cast<float>(s.alpha)), set(static_cast<float>(s.beta))};
  const float* x = static_cast<const float*>(s.in[0]);
  float* y = static_cast<float*>(s.out);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(Op::of(hn::LoadU(d, x + i), p), d, y + i);
  if (i != n) unary_tail<Op>(x + i, y + i, n - i, s);
}

template <typename Op, bool kScalarA, bool kScalarB>
HWY_NOINLINE void binary_tail(const float* a, const float* b, float* y, size_t n) {
  const F32 d;
  Tail ta, tb;
  if (!kScalarA) Tail::copy(a, ta.lanes, n);
  if (!kScalarB) Tail::copy(b, tb.lanes, n);
  hn::Store(Op::of(kScalarA ? set(*a) : hn::Load(d, ta.lanes), kScalarB ? set(*b) : hn::Load(d, tb.lanes)), d,
            ta.lanes);
  Tail::copy(ta.lanes, y, n);
}

template <typename Op, bool kScalarA, bool kScalarB>
HWY_INLINE void binary_loop(const float* a, const float* b, float* y, size_t n) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  const V32 a0 = set(kScalarA ? *a : 0), b0 = set(kScalarB ? *b : 0);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(Op::of(kScalarA ? a0 : hn::LoadU(d, a + i), kScalarB ? b0 : hn::LoadU(d, b + i)), d, y + i);
  if (i != n) binary_tail<Op, kScalarA, kScalarB>(kScalarA ? a : a + i, kScalarB ? b : b + i, y + i, n - i);
}

template <typename Op>
void binary(const StepArgs& s) {
  const float *a = static_cast<const float*>(s.in[0]), *b = static_cast<const float*>(s.in[1]);
  float* y = static_cast<float*>(s.out);
  if (s.count == 0) return;
  if (!s.scalar[0] && !s.scalar[1]) return binary_loop<Op, false, false>(a, b, y, s.count);
  if (!s.scalar[0]) return binary_loop<Op, false, true>(a, b, y, s.count);
  if (!s.scalar[1]) return binary_loop<Op, true, false>(a, b, y, s.count);
  binary_loop<Op, true, true>(a, b, y, s.count);
}

#define RLX_UNARY(name, expression)                                                          \
  struct name {                                                                              \
    static HWY_INLINE V32 of(V32 x, [[maybe_unused]] const Params& p) { return expression; } \
  }
#define RLX_BINARY(name, expression)                              \
  struct name {                                                   \
    static HWY_INLINE V32 of(V32 a, V32 b) { return expression; } \
  }

HWY_INLINE V32 zero() {
  return hn::Zero(F32());
}
HWY_INLINE V32 clamp01(V32 x) {
  return keep_nan(x, hn::Min(hn::Max(x, zero()), set(1.0f)));
}
HWY_INLINE V32 expm1_of_negative(V32 x) {
  return keep_nan(x, expm1(hn::Min(x, zero())));
}
HWY_INLINE V32 softplus(V32 x) {
  return hn::Add(keep_nan(x, hn::Max(x, zero())), log1p(exp(hn::Neg(hn::Abs(x)))));
}
// tanh(log(1 + e)) = n / (n + 2) with n = e (e + 2).
HWY_INLINE V32 mish(V32 x) {
  const V32 e = exp(hn::Min(x, set(20.0f))), n = hn::Mul(e, hn::Add(e, set(2.0f)));
  return hn::Mul(x, hn::Div(n, hn::Add(n, set(2.0f))));
}
HWY_INLINE V32 shrink(V32 x, V32 lambd, V32 bias) {
  const V32 y = hn::IfThenElseZero(hn::Gt(x, lambd), hn::Sub(x, bias));
  return keep_nan(x, hn::IfThenElse(hn::Lt(x, hn::Neg(lambd)), hn::Add(x, bias), y));
}
HWY_INLINE V32 sign(V32 x) {
  const V32 one = hn::CopySign(set(1.0f), x);
  return hn::IfThenElse(hn::Or(hn::Lt(x, zero()), hn::Gt(x, zero())), one, x);
}

RLX_UNARY(Relu, keep_nan(x, hn::Max(x, zero())));
RLX_UNARY(LeakyRelu, hn::IfThenElse(hn::Lt(x, zero()), hn::Mul(x, p.alpha), x));
RLX_UNARY(Elu, hn::IfThenElse(hn::Gt(x, zero()), x, hn::Mul(p.alpha, expm1_of_negative(x))));
RLX_UNARY(Selu, hn::Mul(p.beta, hn::IfThenElse(hn::Gt(x, zero()), x, hn::Mul(p.alpha, expm1_of_negative(x)))));
RLX_UNARY(Celu, hn::IfThenElse(hn::Gt(x, zero()), x, hn::Mul(p.alpha, expm1_of_negative(hn::Div(x, p.alpha)))));
RLX_UNARY(HardSigmoid, clamp01(hn::MulAdd(p.alpha, x, p.beta)));
RLX_UNARY(HardSwish, hn::Mul(x, clamp01(hn::MulAdd(x, set(1.0f / 6), set(0.5f)))));
RLX_UNARY(Mish, mish(x));
RLX_UNARY(Softplus, softplus(x));
RLX_UNARY(Softsign, hn::Div(x, hn::Add(set(1.0f), hn::Abs(x))));
RLX_UNARY(ThresholdedRelu, keep_nan(x, hn::IfThenElseZero(hn::Gt(x, p.alpha), x)));
RLX_UNARY(Shrink, shrink(x, p.alpha, p.beta));
RLX_UNARY(Gelu, gelu(x));
RLX_UNARY(GeluTanh, gelu_tanh(x));
RLX_UNARY(Silu, hn::Mul(x, sigmoid(x)));
RLX_UNARY(Sigmoid, sigmoid(x));
RLX_UNARY(Tanh, tanh(x));
RLX_UNARY(Exp, exp(x));
RLX_UNARY(Log, log(x));
RLX_UNARY(Log1p, log1p(x));
RLX_UNARY(Expm1, expm1(x));
RLX_UNARY(Sqrt, hn::Sqrt(x));
RLX_UNARY(Rsqrt, hn::Div(set(1.0f), hn::Sqrt(x)));
RLX_UNARY(Recip, hn::Div(set(1.0f), x));
RLX_UNARY(Negate, hn::Neg(x));
RLX_UNARY(Abs, hn::Abs(x));
RLX_UNARY(Sign, sign(x));
RLX_UNARY(Floor, hn::Floor(x));
RLX_UNARY(Ceil, hn::Ceil(x));
RLX_UNARY(Round, hn::Round(x));
RLX_UNARY(Trunc, hn::Trunc(x));
RLX_UNARY(Erf, erf(x));

RLX_BINARY(Add, hn::Add(a, b));
RLX_BINARY(Sub, hn::Sub(a, b));
RLX_BINARY(Mul, hn::Mul(a, b));
RLX_BINARY(Div, hn::Div(a, b));
RLX_BINARY(Max, keep_nan(b, keep_nan(a, hn::Max(a, b))));
RLX_BINARY(Min, keep_nan(b, keep_nan(a, hn::Min(a, b))));

StepFn find_unary(std::string_view kind) {
  constexpr std::pair<std::string_view, StepFn> kSteps[] = {
      {"relu", unary<Relu>},
      {"gelu", unary<Gelu>},
      {"gelu_tanh", unary<GeluTanh>},
      {"silu", unary<Silu>},
      {"sigmoid", unary<Sigmoid>},
      {"tanh", unary<Tanh>},
      {"exp", unary<Exp>},
      {"log", unary<Log>},
      {"sqrt", unary<Sqrt>},
      {"rsqrt", unary<Rsqrt>},
      {"recip", unary<Recip>},
      {"neg", unary<Negate>},
      {"abs", unary<Abs>},
      {"sign", unary<Sign>},
      {"leaky_relu", unary<LeakyRelu>},
      {"elu", unary<Elu>},
      {"selu", unary<Selu>},
      {"celu", unary<Celu>},
      {"hard_sigmoid", unary<HardSigmoid>},
      {"hard_swish", unary<HardSwish>},
      {"mish", unary<Mish>},
      {"softplus", unary<Softplus>},
      {"softsign", unary<Softsign>},
      {"thresholded_relu", unary<ThresholdedRelu>},
      {"shrink", unary<Shrink>},
      {"log1p", unary<Log1p>},
      {"expm1", unary<Expm1>},
      {"floor", unary<Floor>},
      {"ceil", unary<Ceil>},
      {"round", unary<Round>},
      {"trunc", unary<Trunc>},
      {"erf", unary<Erf>},
  };
  for (const auto& [name, step] : kSteps)
    if (name == kind) return step;
  return nullptr;
}

StepFn find_binary(std::string_view kind) {
  constexpr std::pair<std::string_view, StepFn> kSteps[] = {
      {"add", binary<Add>}, {"sub", binary<Sub>}, {"mul", binary<Mul>},
      {"div", binary<Div>}, {"max", binary<Max>}, {"min", binary<Min>},
  };
  for (const auto& [name, step] : kSteps)
    if (name == kind) return step;
  return nullptr;
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rlx::cpu {
namespace kernels {
HWY_EXPORT(find_unary);
HWY_EXPORT(find_binary);
}  // namespace kernels

StepFn find_unary_step_f32(std::string_view kind) {
  using namespace kernels;
  return HWY_DYNAMIC_DISPATCH(find_unary)(kind);
}

StepFn find_binary_step_f32(std::string_view kind) {
  using namespace kernels;
  return HWY_DYNAMIC_DISPATCH(find_binary)(kind);
}

}  // namespace rlx::cpu
#endif
