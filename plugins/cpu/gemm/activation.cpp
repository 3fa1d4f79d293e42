// f32 activations as in docs/ops.md; errors of a few units in the last place. NaN stays NaN.
#include "gemm/activation.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gemm/activation.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

HWY_INLINE V number(float x) {
  return hn::Set(D(), x);
}

// Keeps NaN: x86's max would return the other operand.
HWY_INLINE V relu(V x) {
  return hn::IfThenElse(hn::Lt(x, hn::Zero(D())), hn::Zero(D()), x);
}

HWY_INLINE V sigmoid(V x) {
  const D d;
  const V e = hn::Exp(d, hn::Neg(hn::Abs(x)));  // never overflows
  const V small = hn::Div(e, hn::Add(number(1), e)), large = hn::Div(number(1), hn::Add(number(1), e));
  return hn::IfThenElse(hn::Eq(x, x), hn::IfThenElse(hn::Lt(x, hn::Zero(d)), small, large), x);
}

HWY_INLINE V tanh_of(V x) {
  // tanh(x) = 1 - 2 / (exp(2x) + 1), and x itself where that cancels.
  const D d;
  const V magnitude = hn::Abs(x);
  const V e = hn::Exp(d, hn::Min(hn::Add(magnitude, magnitude), number(20)));
  const V large = hn::CopySign(hn::Sub(number(1), hn::Div(number(2), hn::Add(e, number(1)))), x);
  const V s = hn::Mul(x, x);
  V p = number(-0.00886323552990219656886f);
  p = hn::MulAdd(p, s, number(0.02186948853615520282187f));
  p = hn::MulAdd(p, s, number(-0.05396825396825396825397f));
  p = hn::MulAdd(p, s, number(0.13333333333333333333333f));
  p = hn::MulAdd(p, s, number(-0.33333333333333333333333f));
  const V small = hn::MulAdd(hn::Mul(p, s), x, x);
  const V y = hn::IfThenElse(hn::Lt(magnitude, number(0.35f)), small, large);
  return hn::IfThenElse(hn::Eq(x, x), y, x);
}

// erfc by Numerical Recipes' Chebyshev fit (relative error 1.2e-7), erf from it; near 0 by its series.
HWY_INLINE V erf_of(V x) {
  const D d;
  const V z = hn::Min(hn::Abs(x), number(10));
  const V t = hn::Div(number(1), hn::MulAdd(number(0.5f), z, number(1)));
  V p = number(0.17087277f);
  p = hn::MulAdd(p, t, number(-0.82215223f));
  p = hn::MulAdd(p, t, number(1.48851587f));
  p = hn::MulAdd(p, t, number(-1.13520398f));
  p = hn::MulAdd(p, t, number(0.27886807f));
  p = hn::MulAdd(p, t, number(-0.18628806f));
  p = hn::MulAdd(p, t, number(0.09678418f));
  p = hn::MulAdd(p, t, number(0.37409196f));
  p = hn::MulAdd(p, t, number(1.00002368f));
  p = hn::MulAdd(p, t, number(-1.26551223f));
  const V erfc = hn::Mul(t, hn::Exp(d, hn::NegMulAdd(z, z, p)));
  const V large = hn::CopySign(hn::Sub(number(1), erfc), x);
  const V s = hn::Mul(x, x);
  V q = number(-8.5483e-4f);
  q = hn::MulAdd(q, s, number(5.2239776e-3f));
  q = hn::MulAdd(q, s, number(-0.026866170645131252f));
  q = hn::MulAdd(q, s, number(0.11283791670955126f));
  q = hn::MulAdd(q, s, number(-0.37612638903183754f));
  q = hn::MulAdd(q, s, number(1.1283791670955126f));
  const V y = hn::IfThenElse(hn::Lt(z, number(0.5f)), hn::Mul(q, x), large);
  return hn::IfThenElse(hn::Eq(x, x), y, x);
}

struct Relu {
  static HWY_INLINE V of(V x, V, V) { return relu(x); }
};
struct LeakyRelu {
  static HWY_INLINE V of(V x, V alpha, V) { return hn::IfThenElse(hn::Lt(x, hn::Zero(D())), hn::Mul(alpha, x), x); }
};
struct Sigmoid {
  static HWY_INLINE V of(V x, V, V) { return sigmoid(x); }
};
struct Silu {
  static HWY_INLINE V of(V x, V, V) { return hn::Mul(x, sigmoid(x)); }
};
struct Tanh {
  static HWY_INLINE V of(V x, V, V) { return tanh_of(x); }
};
struct Gelu {
  static HWY_INLINE V of(V x, V, V) {
    const V half = hn::Mul(number(0.5f), x);
    return hn::MulAdd(half, erf_of(hn::Mul(x, number(0.70710678118654752f))), half);
  }
};
struct GeluTanh {
  static HWY_INLINE V of(V x, V, V) {
    const V cubed = hn::Mul(hn::Mul(x, x), x);
    const V inner = hn::Mul(number(0.79788456080286536f), hn::MulAdd(number(0.044715f), cubed, x));
    const V half = hn::Mul(number(0.5f), x);
    return hn::MulAdd(half, tanh_of(inner), half);
  }
};
struct HardSigmoid {
  static HWY_INLINE V of(V x, V alpha, V beta) {
    const V y = relu(hn::MulAdd(alpha, x, beta));
    return hn::IfThenElse(hn::Gt(y, number(1)), number(1), y);
  }
};
struct HardSwish {
  static HWY_INLINE V of(V x, V, V) { return hn::Mul(x, HardSigmoid::of(x, number(1.0f / 6.0f), number(0.5f))); }
};

template <class F>
void rows(float* row, size_t count, float alpha, float beta) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V a = hn::Set(d, alpha), b = hn::Set(d, beta);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(F::of(hn::LoadU(d, row + i), a, b), d, row + i);
  if (i == count) return;
  float buffer[HWY_MAX_BYTES / sizeof(float)] = {};
  for (size_t j = i; j < count; ++j) buffer[j - i] = row[j];
  hn::StoreU(F::of(hn::LoadU(d, buffer), a, b), d, buffer);
  for (size_t j = i; j < count; ++j) row[j] = buffer[j - i];
}

RowFunction find(std::string_view kind) {
  if (kind == "relu") return rows<Relu>;
  if (kind == "leaky_relu") return rows<LeakyRelu>;
  if (kind == "sigmoid") return rows<Sigmoid>;
  if (kind == "silu") return rows<Silu>;
  if (kind == "tanh") return rows<Tanh>;
  if (kind == "gelu") return rows<Gelu>;
  if (kind == "gelu_tanh") return rows<GeluTanh>;
  if (kind == "hard_sigmoid") return rows<HardSigmoid>;
  if (kind == "hard_swish") return rows<HardSwish>;
  return nullptr;
}

}  // namespace rlx::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rlx::cpu {

HWY_EXPORT(find);

RowFunction find_row_activation(std::string_view kind) {
  return HWY_DYNAMIC_DISPATCH(find)(kind);
}

}  // namespace rlx::cpu
#endif
