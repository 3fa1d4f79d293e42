// The scalar functions of docs/ops.md. T is the type a thread computes in (lane_t); integers wrap. A function's name is
// its op and kind, which is how generated regions call it; scalar_ops.inc lists them.
#pragma once

#include "math.hpp"
#include "scalar.hpp"

namespace simt {

// ---- unary, floats: a is alpha, b is beta -------------------------------------------------------------------------

template <typename T>
SIMT_DEVICE bool is_infinite(T x) {
  return x == number<T>::highest() || x == number<T>::lowest();
}
// NaN passes through.
template <typename T>
SIMT_DEVICE T clip(T x, T lo, T hi) {
  return x < lo ? lo : x > hi ? hi : x;
}
template <typename T>
SIMT_DEVICE T unary_sigmoid(T x, T, T) {
  return T(1) / (T(1) + m_exp(-x));
}
// Written so that e^x never overflows.
template <typename T>
SIMT_DEVICE T unary_softplus(T x, T, T) {
  return x > T(0) ? x + m_log1p(m_exp(-x)) : m_log1p(m_exp(x));
}
template <typename T>
SIMT_DEVICE T unary_gelu(T x, T, T) {
  return x * (T(0.5) * m_erfc(-x * T(0.70710678118654752440)));
}
template <typename T>
SIMT_DEVICE T unary_gelu_tanh(T x, T, T) {
  const T inner = T(0.79788456080286535588) * (x + T(0.044715) * x * x * x);
  // 1 + tanh(u) = 2·σ(2u), which keeps its digits where tanh comes close to −1.
  return x * unary_sigmoid(T(2) * inner, T(0), T(0));
}
template <typename T>
SIMT_DEVICE T unary_silu(T x, T, T) {
  return x * unary_sigmoid(x, T(0), T(0));
}
template <typename T>
SIMT_DEVICE T unary_leaky_relu(T x, T a, T) {
  return x < T(0) ? a * x : x;
}
template <typename T>
SIMT_DEVICE T unary_elu(T x, T a, T) {
  return x > T(0) ? x : a * m_expm1(x);
}
template <typename T>
SIMT_DEVICE T unary_selu(T x, T a, T b) {
  return b * unary_elu(x, a, b);
}
template <typename T>
SIMT_DEVICE T unary_celu(T x, T a, T) {
  return x > T(0) ? x : a * m_expm1(x / a);
}
template <typename T>
SIMT_DEVICE T unary_hard_sigmoid(T x, T a, T b) {
  return clip(a * x + b, T(0), T(1));
}
template <typename T>
SIMT_DEVICE T unary_hard_swish(T x, T, T) {
  return x * clip(x / T(6) + T(0.5), T(0), T(1));
}
template <typename T>
SIMT_DEVICE T unary_mish(T x, T, T) {
  return x * m_tanh(unary_softplus(x, T(0), T(0)));
}
template <typename T>
SIMT_DEVICE T unary_softsign(T x, T, T) {
  return x / (T(1) + m_fabs(x));
}
template <typename T>
SIMT_DEVICE T unary_thresholded_relu(T x, T a, T) {
  return x > a ? x : T(0);
}
template <typename T>
SIMT_DEVICE T unary_rsqrt(T x, T, T) {
  return T(1) / m_sqrt(x);
}
template <typename T>
SIMT_DEVICE T unary_recip(T x, T, T) {
  return T(1) / x;
}
template <typename T>
SIMT_DEVICE T unary_round(T x, T, T) {
  return m_rint(x);
}
#define SIMT_PLAIN(name)                  \
  template <typename T>                   \
  SIMT_DEVICE T unary_##name(T x, T, T) { \
    return m_##name(x);                   \
  }
SIMT_PLAIN(tanh)
SIMT_PLAIN(exp)
SIMT_PLAIN(log)
SIMT_PLAIN(log1p)
SIMT_PLAIN(expm1)
SIMT_PLAIN(sqrt)
SIMT_PLAIN(floor)
SIMT_PLAIN(ceil)
SIMT_PLAIN(trunc)
SIMT_PLAIN(sin)
SIMT_PLAIN(cos)
SIMT_PLAIN(tan)
SIMT_PLAIN(asin)
SIMT_PLAIN(acos)
SIMT_PLAIN(atan)
SIMT_PLAIN(sinh)
SIMT_PLAIN(cosh)
SIMT_PLAIN(asinh)
SIMT_PLAIN(acosh)
SIMT_PLAIN(atanh)
SIMT_PLAIN(erf)
#undef SIMT_PLAIN
template <typename T>
SIMT_DEVICE boolean unary_is_nan(T x, T, T) {
  return boolean{static_cast<u8>(x != x)};
}
template <typename T>
SIMT_DEVICE boolean unary_is_inf(T x, T a, T b) {
  return boolean{static_cast<u8>(is_infinite(x) && (x < T(0) ? a : b) != T(0))};
}

// ---- unary, integers too ------------------------------------------------------------------------------------------

// Through u64: neither signed overflow nor the promotion of small types to int can bite.
template <typename T>
SIMT_DEVICE T negate(T x) {
  if constexpr (number<T>::is_float)
    return -x;
  else
    return static_cast<T>(u64{0} - static_cast<u64>(x));
}
template <typename T, typename A>
SIMT_DEVICE T unary_relu(T x, A, A) {
  return x < T(0) ? T(0) : x;
}
template <typename T, typename A>
SIMT_DEVICE T unary_neg(T x, A, A) {
  return negate(x);
}
template <typename T, typename A>
SIMT_DEVICE T unary_abs(T x, A, A) {
  if constexpr (number<T>::is_float)
    return m_fabs(x);
  else
    return x < T(0) ? negate(x) : x;
}
template <typename T, typename A>
SIMT_DEVICE T unary_sign(T x, A, A) {
  return x > T(0) ? T(1) : x < T(0) ? negate(T(1)) : x;
}
template <typename T, typename A>
SIMT_DEVICE T unary_shrink(T x, A a, A b) {
  const A wide = static_cast<A>(x);
  if (wide < -a) return b == A(0) ? x : convert<T>::from(wide + b);
  if (wide > a) return b == A(0) ? x : convert<T>::from(wide - b);
  return T(0);
}
template <typename T, typename A>
SIMT_DEVICE T unary_bit_not(T x, A, A) {
  return static_cast<T>(~x);
}
template <typename A>
SIMT_DEVICE boolean unary_not(boolean x, A, A) {
  return boolean{static_cast<u8>(x.value == 0)};
}

// ---- binary -------------------------------------------------------------------------------------------------------

#define SIMT_WRAPPING(name, symbol)                                          \
  template <typename T>                                                      \
  SIMT_DEVICE T binary_##name(T a, T b) {                                    \
    if constexpr (number<T>::is_float)                                       \
      return a symbol b;                                                     \
    else                                                                     \
      return static_cast<T>(static_cast<u64>(a) symbol static_cast<u64>(b)); \
  }
SIMT_WRAPPING(add, +)
SIMT_WRAPPING(sub, -)
SIMT_WRAPPING(mul, *)
#undef SIMT_WRAPPING

// Division by −1 is a negation that may wrap; by 0 it gives 0.
template <typename T>
SIMT_DEVICE T binary_div(T a, T b) {
  if constexpr (number<T>::is_float) {
    return a / b;
  } else {
    if (b == T(0)) return T(0);
    if (number<T>::is_signed && b == static_cast<T>(-1)) return negate(a);
    return static_cast<T>(a / b);
  }
}
// NaN wins.
template <typename T>
SIMT_DEVICE T binary_max(T a, T b) {
  return a != a || a > b ? a : b;
}
template <typename T>
SIMT_DEVICE T binary_min(T a, T b) {
  return a != a || a < b ? a : b;
}
template <typename T>
SIMT_DEVICE T binary_fmod(T a, T b) {
  if constexpr (number<T>::is_float) {
    return m_fmod(a, b);
  } else {
    if (b == T(0) || (number<T>::is_signed && b == static_cast<T>(-1))) return T(0);
    return static_cast<T>(a % b);
  }
}
template <typename T>
SIMT_DEVICE T binary_mod(T a, T b) {
  const T rest = binary_fmod(a, b);
  if constexpr (number<T>::is_float)
    if (rest == T(0)) return m_copysign(rest, b);
  return rest != T(0) && (rest < T(0)) != (b < T(0)) ? static_cast<T>(rest + b) : rest;
}
// Integers modulo 2^n by repeated squaring; a negative exponent gives 0 except for bases 1 and −1.
template <typename T>
SIMT_DEVICE T binary_pow(T base, T exponent) {
  if constexpr (number<T>::is_float) {
    return m_pow(base, exponent);
  } else {
    if (exponent < T(0)) {
      if (base == T(1)) return base;
      if (base == static_cast<T>(-1)) return (exponent & T(1)) != 0 ? base : T(1);
      return T(0);
    }
    u64 power = 1, square = static_cast<u64>(base);
    for (u64 e = static_cast<u64>(exponent); e != 0; e >>= 1, square *= square)
      if (e & 1) power *= square;
    return static_cast<T>(power);
  }
}
template <typename T>
SIMT_DEVICE T binary_atan2(T a, T b) {
  if constexpr (number<T>::is_float)
    return m_atan2(a, b);
  else
    return convert<T>::from(m_atan2(static_cast<f64>(a), static_cast<f64>(b)));
}
template <typename T>
SIMT_DEVICE T binary_bit_and(T a, T b) {
  return static_cast<T>(a & b);
}
template <typename T>
SIMT_DEVICE T binary_bit_or(T a, T b) {
  return static_cast<T>(a | b);
}
template <typename T>
SIMT_DEVICE T binary_bit_xor(T a, T b) {
  return static_cast<T>(a ^ b);
}
// A shift by the width or more gives 0; a negative one counts as such.
template <typename T>
SIMT_DEVICE T binary_shl(T a, T b) {
  return static_cast<u64>(b) >= number<T>::bits ? T(0) : static_cast<T>(static_cast<u64>(a) << static_cast<u64>(b));
}
template <typename T>
SIMT_DEVICE T binary_shr(T a, T b) {
  return static_cast<u64>(b) >= number<T>::bits ? T(0) : static_cast<T>(a >> static_cast<u64>(b));
}
SIMT_DEVICE boolean binary_and(boolean a, boolean b) {
  return boolean{static_cast<u8>(a.value & b.value)};
}
SIMT_DEVICE boolean binary_or(boolean a, boolean b) {
  return boolean{static_cast<u8>(a.value | b.value)};
}
SIMT_DEVICE boolean binary_xor(boolean a, boolean b) {
  return boolean{static_cast<u8>(a.value ^ b.value)};
}

// ---- compare, cast, where, clamp
// -------------------------------------------------------------------------------------

template <typename T>
SIMT_DEVICE T plain(T x) {
  return x;
}
SIMT_DEVICE u8 plain(boolean x) {
  return x.value;
}
#define SIMT_COMPARISON(name, symbol)                          \
  template <typename T>                                        \
  SIMT_DEVICE boolean compare_##name(T a, T b) {               \
    return boolean{static_cast<u8>(plain(a) symbol plain(b))}; \
  }
SIMT_COMPARISON(eq, ==)
SIMT_COMPARISON(ne, !=)
SIMT_COMPARISON(lt, <)
SIMT_COMPARISON(le, <=)
SIMT_COMPARISON(gt, >)
SIMT_COMPARISON(ge, >=)
#undef SIMT_COMPARISON

// The value as if it had been stored as a T and loaded again.
template <typename T, typename From>
SIMT_DEVICE lane_t<T> cast(From x) {
  return convert<lane_t<T>>::from(convert<T>::from(x));
}
template <typename T, typename Bits>
SIMT_DEVICE T constant(Bits bits) {
  return bits_as<T>(bits);
}
template <typename T>
SIMT_DEVICE T where(boolean c, T a, T b) {
  return c.value ? a : b;
}
SIMT_DEVICE c64 conjugate(c64 z) {
  return c64{z.re, -z.im};
}
SIMT_DEVICE f32 complex_norm_sq(c64 z) {
  return z.re * z.re + z.im * z.im;
}
SIMT_DEVICE c64 complex_norm_sq_backward(c64 z, f32 dy) {
  return c64{2 * z.re * dy, 2 * z.im * dy};
}
template <typename T>
SIMT_DEVICE T clamp(T x, T lo, T hi) {
  return binary_min(binary_max(x, lo), hi);
}

}  // namespace simt
