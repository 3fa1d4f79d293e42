// Elementary functions on vectors of f32, at most 4 ulp from the exact result over the whole range, NaN and infinities
// included. Ours rather than hwy/contrib/math, which leaves infinities and NaN open. No include guard of the usual
// kind: foreach_target.h includes this once per target.
#if defined(RLX_CPU_F32_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef RLX_CPU_F32_MATH_INL
#undef RLX_CPU_F32_MATH_INL
#else
#define RLX_CPU_F32_MATH_INL
#endif

#include <hwy/highway.h>

#include <limits>

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;
using V32 = hn::Vec<F32>;
using I32 = hn::RebindToSigned<F32>;

HWY_INLINE V32 set(float x) {
  return hn::Set(F32(), x);
}

// Horner's scheme, highest coefficient first.
template <typename... C>
HWY_INLINE V32 horner(V32 x, float first, C... rest) {
  V32 y = set(first);
  ((y = hn::MulAdd(y, x, set(rest))), ...);
  return y;
}

HWY_INLINE V32 keep_nan(V32 x, V32 y) {
  return hn::IfThenElse(hn::Eq(x, x), y, x);
}

// 2^n for integral n in [-126, 127].
HWY_INLINE V32 exp2_int(V32 n) {
  const I32 di;
  return hn::BitCast(F32(), hn::ShiftLeft<23>(hn::Add(hn::ConvertTo(di, n), hn::Set(di, 127))));
}

// x = n ln 2 + r, |r| <= ln 2 / 2.
struct Reduced {
  V32 n, r;
};
HWY_INLINE Reduced reduce_exp(V32 x) {
  const V32 n = hn::Round(hn::Mul(x, set(1.44269504088896341f)));
  V32 r = hn::NegMulAdd(n, set(0.693359375f), x);
  r = hn::NegMulAdd(n, set(-2.12194440e-4f), r);
  return {n, r};
}

// (e^r - 1 - r) / r^2 on the reduced range.
HWY_INLINE V32 exp_tail(V32 r) {
  return horner(r, 1.9875691500e-4f, 1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f, 1.6666665459e-1f,
                5.0000001201e-1f);
}

HWY_INLINE V32 exp(V32 x) {
  const V32 clipped = hn::Min(hn::Max(x, set(-104.0f)), set(89.0f));
  const auto [n, r] = reduce_exp(clipped);
  const V32 y = hn::Add(hn::MulAdd(exp_tail(r), hn::Mul(r, r), r), set(1.0f));
  // In two factors, so that results below the normal range and overflow to infinity come out right.
  const V32 half = hn::Floor(hn::Mul(n, set(0.5f)));
  return keep_nan(x, hn::Mul(hn::Mul(y, exp2_int(half)), exp2_int(hn::Sub(n, half))));
}

// e^x for x <= 0 or NaN, with results below 2^-126 flushed to zero: the inner loop of softmax.
HWY_INLINE V32 exp_negative(V32 x) {
  const auto [n, r] = reduce_exp(hn::Max(x, set(-87.0f)));
  const V32 y = hn::Add(hn::MulAdd(exp_tail(r), hn::Mul(r, r), r), set(1.0f));
  const V32 scaled = hn::Mul(y, exp2_int(n));
  return keep_nan(x, hn::IfThenZeroElse(hn::Lt(x, set(-87.0f)), scaled));
}

HWY_INLINE V32 expm1(V32 x) {
  const V32 clipped = hn::Min(hn::Max(x, set(-20.0f)), set(89.0f));
  const auto [n, r] = reduce_exp(clipped);
  const V32 p = hn::MulAdd(exp_tail(r), hn::Mul(r, r), r);
  const V32 half = hn::Floor(hn::Mul(n, set(0.5f)));
  const V32 s1 = exp2_int(half), s2 = exp2_int(hn::Sub(n, half));
  const V32 large = hn::Mul(hn::Mul(hn::Add(p, set(1.0f)), s1), s2);
  const V32 s = hn::Mul(s1, s2);
  const V32 y = hn::MulAdd(p, s, hn::Sub(s, set(1.0f)));
  // A large n would make inf - inf of p * s; small |x| keeps its sign and its denormals.
  const V32 r1 = hn::IfThenElse(hn::Gt(n, set(60.0f)), large, y);
  return keep_nan(x, hn::IfThenElse(hn::Lt(hn::Abs(x), set(1e-8f)), x, r1));
}

HWY_INLINE V32 log(V32 x) {
  const F32 d;
  const I32 di;
  const V32 inf = set(std::numeric_limits<float>::infinity());
  const auto tiny = hn::Lt(x, set(1.17549435e-38f));
  const V32 scaled = hn::IfThenElse(tiny, hn::Mul(x, set(33554432.0f)), x);
  // Mantissa in [sqrt(1/2), sqrt(2)).
  const auto bits = hn::Sub(hn::BitCast(di, scaled), hn::Set(di, 0x3f3504f3));
  const auto exponent = hn::ShiftRight<23>(bits);
  const V32 m = hn::BitCast(d, hn::Add(hn::And(bits, hn::Set(di, 0x007fffff)), hn::Set(di, 0x3f3504f3)));
  const V32 e = hn::Sub(hn::ConvertTo(d, exponent), hn::IfThenElseZero(tiny, set(25.0f)));
  const V32 f = hn::Sub(m, set(1.0f)), z = hn::Mul(f, f);
  V32 y = horner(f, 7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f,
                 -1.6668057665e-1f, 2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f);
  y = hn::Mul(y, hn::Mul(f, z));
  y = hn::MulAdd(e, set(-2.12194440e-4f), y);
  y = hn::NegMulAdd(set(0.5f), z, y);
  y = hn::MulAdd(e, set(0.693359375f), hn::Add(f, y));
  y = hn::IfThenElse(hn::Eq(x, inf), inf, y);
  y = hn::IfThenElse(hn::Eq(x, hn::Zero(d)), hn::Neg(inf), y);
  y = hn::IfThenElse(hn::Lt(x, hn::Zero(d)), set(std::numeric_limits<float>::quiet_NaN()), y);
  return keep_nan(x, y);
}

// log(1 + x) with the rounding error of 1 + x divided out (Kahan).
HWY_INLINE V32 log1p(V32 x) {
  const V32 u = hn::Add(x, set(1.0f)), v = hn::Sub(u, set(1.0f));
  const V32 y = hn::Mul(log(u), hn::Div(x, v));
  const V32 large = set(1e8f);
  V32 r = hn::IfThenElse(hn::Eq(v, hn::Zero(F32())), x, y);
  r = hn::IfThenElse(hn::Ge(x, large), log(x), r);
  return hn::IfThenElse(hn::Eq(x, set(-1.0f)), set(-std::numeric_limits<float>::infinity()), keep_nan(x, r));
}

HWY_INLINE V32 sigmoid(V32 x) {
  // e^-|x| never overflows: 1 / (1 + e) for x >= 0, e / (1 + e) for x < 0.
  const V32 e = exp(hn::Neg(hn::Abs(x)));
  const V32 top = hn::IfThenElse(hn::Lt(x, hn::Zero(F32())), e, set(1.0f));
  return hn::Div(top, hn::Add(set(1.0f), e));
}

HWY_INLINE V32 tanh(V32 x) {
  const V32 a = hn::Min(hn::Abs(x), set(10.0f));
  const V32 t = expm1(hn::Add(a, a));
  const V32 y = hn::CopySign(hn::Div(t, hn::Add(t, set(2.0f))), x);
  return keep_nan(x, hn::IfThenElse(hn::Lt(hn::Abs(x), set(1e-4f)), x, y));
}

// 1 - erf(t) for t >= 0.92 in .tail, erf(a) for |a| < 0.93 in .core (coefficients: N. Juffa, error below 1 ulp).
struct ErfParts {
  V32 core, tail;
};
HWY_INLINE ErfParts erf_parts(V32 a) {
  const V32 s = hn::Mul(a, a), t = hn::Min(hn::Abs(a), set(10.5f));
  const V32 c =
      horner(s, -5.96761703e-4f, 4.99119423e-3f, -2.67681349e-2f, 1.12819925e-1f, -3.76125336e-1f, 1.28379166e-1f);
  const V32 st = hn::Mul(t, t);
  const V32 high = hn::MulAdd(set(-1.72853470e-5f), t, set(3.83197126e-4f));
  const V32 low = hn::MulAdd(set(-3.88396438e-3f), t, set(2.42546219e-2f));
  V32 r = hn::MulAdd(high, st, low);
  r = hn::MulAdd(r, t, set(-1.06777877e-1f));
  r = hn::MulAdd(r, t, set(-6.34846687e-1f));
  r = hn::MulAdd(r, t, set(-1.28717512e-1f));
  r = hn::MulAdd(r, t, hn::Neg(t));
  return {hn::MulAdd(c, a, a), exp(r)};
}

HWY_INLINE V32 erf(V32 x) {
  const auto [core, tail] = erf_parts(x);
  const V32 outer = hn::CopySign(hn::Sub(set(1.0f), tail), x);
  return keep_nan(x, hn::IfThenElse(hn::Gt(hn::Abs(x), set(0.927734375f)), outer, core));
}

// x * Phi(x); the tail is used as it is for negative x, where 1 + erf would cancel.
HWY_INLINE V32 gelu(V32 x) {
  const V32 a = hn::Mul(x, set(0.70710678118654752f)), half = hn::Mul(x, set(0.5f));
  const auto [core, tail] = erf_parts(a);
  const V32 outer = hn::IfThenElse(hn::Lt(x, hn::Zero(F32())), tail, hn::Sub(set(2.0f), tail));
  const V32 factor = hn::IfThenElse(hn::Gt(hn::Abs(a), set(0.927734375f)), outer, hn::Add(set(1.0f), core));
  return hn::Mul(half, factor);
}

HWY_INLINE V32 gelu_tanh(V32 x) {
  const V32 u = hn::Mul(x, hn::MulAdd(hn::Mul(x, x), set(0.07135481282553f), set(1.5957691216057308f)));
  return hn::Mul(x, sigmoid(u));
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
