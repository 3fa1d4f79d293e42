// Row functions in vectors. Softmax is bound by its exponentials, the others by memory once a row is longer than the
// cache.
#include "kernels/rows.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/f32_math-inl.hpp"
#include "kernels/target_table.hpp"

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {

constexpr float kLowest = -std::numeric_limits<float>::infinity();

// Calls step(v, i) for the vectors of a row and returns the index of what is left.
template <typename Step>
HWY_INLINE size_t for_vectors(const float* x, size_t n, Step&& step) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) step(hn::LoadU(d, x + i), i);
  return i;
}

HWY_INLINE V32 load_some(const float* x, size_t n, float fill) {
  HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)];
  for (size_t k = 0; k < hn::Lanes(F32()); ++k) lanes[k] = k < n ? x[k] : fill;
  return hn::Load(F32(), lanes);
}
HWY_INLINE void store_some(V32 v, float* y, size_t n) {
  HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(v, F32(), lanes);
  for (size_t k = 0; k < n; ++k) y[k] = lanes[k];
}

// A NaN is skipped here; it comes back through its exponential.
float max_of(const float* x, size_t n) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  V32 a = set(kLowest), b = a, c = a, e = a;
  size_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
    a = hn::Max(hn::LoadU(d, x + i), a);
    b = hn::Max(hn::LoadU(d, x + i + lanes), b);
    c = hn::Max(hn::LoadU(d, x + i + 2 * lanes), c);
    e = hn::Max(hn::LoadU(d, x + i + 3 * lanes), e);
  }
  float top = hn::GetLane(hn::MaxOfLanes(d, hn::Max(hn::Max(a, b), hn::Max(c, e))));
  for (; i < n; ++i) top = x[i] > top ? x[i] : top;
  return top;
}

// y = e^(x - top) when kStore; returns the sum.
template <bool kStore>
float exponentials(const float* x, float* y, size_t n, float top) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  const V32 t = set(top);
  V32 s0 = hn::Zero(d), s1 = s0;
  size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    const V32 e0 = exp_negative(hn::Sub(hn::LoadU(d, x + i), t));
    const V32 e1 = exp_negative(hn::Sub(hn::LoadU(d, x + i + lanes), t));
    if (kStore) hn::StoreU(e0, d, y + i), hn::StoreU(e1, d, y + i + lanes);
    s0 = hn::Add(s0, e0);
    s1 = hn::Add(s1, e1);
  }
  for (; i < n; i += lanes) {
    const size_t rest = std::min(lanes, n - i);
    const V32 e = exp_negative(hn::Sub(load_some(x + i, rest, kLowest), t));
    if (kStore) store_some(e, y + i, rest);
    HWY_ALIGN float lane[HWY_MAX_BYTES / sizeof(float)];
    hn::Store(e, d, lane);
    for (size_t k = rest; k < lanes; ++k) lane[k] = 0;
    s0 = hn::Add(s0, hn::Load(d, lane));
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, s1)));
}

void scale_shift(const float* x, float* y, size_t n, float scale, float shift) {
  const F32 d;
  const V32 s = set(scale), t = set(shift);
  size_t i = for_vectors(x, n, [&](V32 v, size_t at) HWY_ATTR { hn::StoreU(hn::MulAdd(v, s, t), d, y + at); });
  for (; i < n; ++i) y[i] = x[i] * scale + shift;
}

void softmax(const float* x, float* y, size_t n) {
  const float sum = exponentials<true>(x, y, n, max_of(x, n));
  scale_shift(y, y, n, 1 / sum, 0);
}

void log_softmax(const float* x, float* y, size_t n) {
  const float top = max_of(x, n), sum = exponentials<false>(x, nullptr, n, top), rest = std::log(sum);
  const F32 d;
  const V32 t = set(top), r = set(rest);
  size_t i = for_vectors(x, n, [&](V32 v, size_t at) HWY_ATTR { hn::StoreU(hn::Sub(hn::Sub(v, t), r), d, y + at); });
  for (; i < n; ++i) y[i] = x[i] - top - rest;
}

template <bool kLog>
void strip(const float* x, float* y, size_t n, size_t stride, size_t width) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  for (size_t c = 0; c < width; c += lanes) {
    const size_t rest = std::min(lanes, width - c);
    const bool whole = rest == lanes;
    auto load = [&](const float* p) HWY_ATTR { return whole ? hn::LoadU(d, p) : load_some(p, rest, 0); };
    auto store = [&](V32 v, float* p) HWY_ATTR { whole ? hn::StoreU(v, d, p) : store_some(v, p, rest); };
    V32 top = set(kLowest), sum = hn::Zero(d);
    for (size_t i = 0; i < n; ++i) top = hn::Max(load(x + i * stride + c), top);
    for (size_t i = 0; i < n; ++i) {
      const V32 e = exp_negative(hn::Sub(load(x + i * stride + c), top));
      if (!kLog) store(e, y + i * stride + c);
      sum = hn::Add(sum, e);
    }
    const V32 last = kLog ? log(sum) : hn::Div(set(1.0f), sum);
    for (size_t i = 0; i < n; ++i) {
      const V32 v = load((kLog ? x : y) + i * stride + c);
      store(kLog ? hn::Sub(hn::Sub(v, top), last) : hn::Mul(v, last), y + i * stride + c);
    }
  }
}

// Sums of up to kPiece elements stay in f32 vectors, their totals in f64.
constexpr size_t kPiece = 4096;

template <typename Map>
double sum_mapped(const float* x, size_t n, Map&& map) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  double total = 0;
  for (size_t first = 0; first < n; first += kPiece) {
    const size_t end = std::min(n, first + kPiece);
    V32 s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
    size_t i = first;
    for (; i + 4 * lanes <= end; i += 4 * lanes) {
      s0 = hn::Add(s0, map(hn::LoadU(d, x + i)));
      s1 = hn::Add(s1, map(hn::LoadU(d, x + i + lanes)));
      s2 = hn::Add(s2, map(hn::LoadU(d, x + i + 2 * lanes)));
      s3 = hn::Add(s3, map(hn::LoadU(d, x + i + 3 * lanes)));
    }
    for (; i + lanes <= end; i += lanes) s0 = hn::Add(s0, map(hn::LoadU(d, x + i)));
    total += hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
    for (; i < end; ++i) total += hn::GetLane(map(set(x[i])));
  }
  return total;
}

double squares_in_f64(const float* x, size_t n, double centre) {
  double total = 0;
  for (size_t i = 0; i < n; ++i) total += (x[i] - centre) * (x[i] - centre);
  return total;
}

double sum_squares(const float* x, size_t n) {
  constexpr double kLeast = 1e-30;  // below it the squares of f32 may have lost bits
  const double total = sum_mapped(x, n, [](V32 v) HWY_ATTR { return hn::Mul(v, v); });
  return total > kLeast && std::isfinite(total) ? total : squares_in_f64(x, n, 0);
}

Moments moments(const float* x, size_t n) {
  const double mean = sum_mapped(x, n, [](V32 v) HWY_ATTR { return v; }) / static_cast<double>(n);
  const V32 m = set(static_cast<float>(mean));
  const double squares = sum_mapped(x, n, [m](V32 v) HWY_ATTR {
    const V32 c = hn::Sub(v, m);
    return hn::Mul(c, c);
  });
  if (std::isfinite(squares)) return {mean, squares / static_cast<double>(n)};
  double sum = 0;
  for (size_t i = 0; i < n; ++i) sum += x[i];
  const double exact = sum / static_cast<double>(n);
  return {exact, squares_in_f64(x, n, exact) / static_cast<double>(n)};
}

template <bool kGamma, bool kBeta>
void normalise_with(const float* x, float* y, size_t n, float mean, float scale, const float* gamma,
                    const float* beta) {
  const F32 d;
  const V32 m = set(mean), s = set(scale);
  size_t i = for_vectors(x, n, [&](V32 v, size_t at) HWY_ATTR {
    v = hn::Mul(hn::Sub(v, m), s);
    if (kGamma && kBeta)
      v = hn::MulAdd(v, hn::LoadU(d, gamma + at), hn::LoadU(d, beta + at));
    else if (kGamma)
      v = hn::Mul(v, hn::LoadU(d, gamma + at));
    else if (kBeta)
      v = hn::Add(v, hn::LoadU(d, beta + at));
    hn::StoreU(v, d, y + at);
  });
  for (; i < n; ++i) y[i] = (x[i] - mean) * scale * (kGamma ? gamma[i] : 1.0f) + (kBeta ? beta[i] : 0.0f);
}

void normalise(const float* x, float* y, size_t n, float mean, float scale, const float* gamma, const float* beta) {
  if (gamma && beta) return normalise_with<true, true>(x, y, n, mean, scale, gamma, beta);
  if (gamma) return normalise_with<true, false>(x, y, n, mean, scale, gamma, beta);
  if (beta) return normalise_with<false, true>(x, y, n, mean, scale, gamma, beta);
  normalise_with<false, false>(x, y, n, mean, scale, gamma, beta);
}

void add(const float* a, const float* b, float* y, size_t n) {
  const F32 d;
  size_t i =
      for_vectors(a, n, [&](V32 v, size_t at) HWY_ATTR { hn::StoreU(hn::Add(v, hn::LoadU(d, b + at)), d, y + at); });
  for (; i < n; ++i) y[i] = a[i] + b[i];
}

void swiglu(const float* gate, const float* up, float* y, size_t n) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    const V32 g = hn::LoadU(d, gate + i);
    hn::StoreU(hn::Mul(hn::Mul(g, sigmoid(g)), hn::LoadU(d, up + i)), d, y + i);
  }
  if (i == n) return;
  const V32 g = load_some(gate + i, n - i, 0);
  store_some(hn::Mul(hn::Mul(g, sigmoid(g)), load_some(up + i, n - i, 0)), y + i, n - i);
}

const RowOps* rows() {
  static constexpr RowOps kOps = {softmax,     log_softmax, strip<false>, strip<true>, moments,
                                  sum_squares, normalise,   scale_shift,  add,         swiglu};
  return &kOps;
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
RLX_TARGET_TABLE(RowOps, row_ops, rows)
#endif
