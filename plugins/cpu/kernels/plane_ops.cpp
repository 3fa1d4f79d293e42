// Bound: the loads, one per tap and vector, from the first-level cache.
#include "kernels/plane_ops.hpp"

#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/plane_ops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/f32_math-inl.hpp"
#include "kernels/target_table.hpp"

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {

constexpr size_t kVectors = 4;  // of a block: enough additions in flight to hide their latency

// A row that is shorter than a vector in halves: nothing is read or written behind its end.
HWY_INLINE void copy_row(const float* src, float* dst, size_t n) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(hn::LoadU(d, src + i), d, dst + i);
  for (; i + 4 <= n; i += 4) std::memcpy(dst + i, src + i, 4 * sizeof(float));
  if (i + 2 <= n) std::memcpy(dst + i, src + i, 2 * sizeof(float)), i += 2;
  if (i < n) dst[i] = src[i];
}

void copy_every_second(const float* src, float* dst, size_t n) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  // One less than reading two whole vectors needs: the last float may be behind the end.
  for (; i + lanes < n; i += lanes) {
    V32 even, odd;
    hn::LoadInterleaved2(d, src + 2 * i, even, odd);
    hn::StoreU(even, d, dst + i);
  }
  for (; i < n; ++i) dst[i] = src[2 * i];
}

void load(const PlaneRows& p) {
  const float* src = p.src;
  float* dst = p.dst;
  for (size_t r = 0; r < p.rows; ++r, src += p.src_row, dst += p.dst_row) {
    if (p.step == 1)
      copy_row(src, dst, p.count);
    else if (p.step == 2)
      copy_every_second(src, dst, p.count);
    else
      for (size_t i = 0; i < p.count; ++i) dst[i] = src[i * p.step];
  }
}

void store_scaled(const float* src, float* dst, size_t n, float row_factor, const float* factors) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  const V32 row = set(row_factor);
  size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(hn::Mul(hn::LoadU(d, src + i), hn::Mul(row, hn::LoadU(d, factors + i))), d, dst + i);
  for (; i < n; ++i) dst[i] = src[i] * (row_factor * factors[i]);
}

// combine(sum, x, tap) over the taps, four vectors at a time.
template <typename Combine, typename Finish>
HWY_INLINE void for_windows(const PlaneRun& p, V32 start, Combine&& combine, Finish&& finish) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes < p.count; i += kVectors * lanes) {
    V32 a = start, b = start, c = start, e = start;
    for (size_t t = 0; t < p.tap_count; ++t) {
      const float* src = p.src + p.taps[t] + i;
      a = combine(a, hn::LoadU(d, src), t);
      b = combine(b, hn::LoadU(d, src + lanes), t);
      c = combine(c, hn::LoadU(d, src + 2 * lanes), t);
      e = combine(e, hn::LoadU(d, src + 3 * lanes), t);
    }
    hn::StoreU(finish(a), d, p.dst + i);
    hn::StoreU(finish(b), d, p.dst + i + lanes);
    hn::StoreU(finish(c), d, p.dst + i + 2 * lanes);
    hn::StoreU(finish(e), d, p.dst + i + 3 * lanes);
  }
  if (i >= p.count) return;
  V32 last = start;
  for (size_t t = 0; t < p.tap_count; ++t) last = combine(last, hn::LoadU(d, p.src + p.taps[t] + i), t);
  hn::StoreU(finish(last), d, p.dst + i);
}

void convolve(const PlaneRun& p) {
  const V32 low = set(p.low);
  for_windows(
      p, set(p.start), [&](V32 sum, V32 x, size_t t) HWY_ATTR { return hn::MulAdd(set(p.weights[t]), x, sum); },
      // The operand order lets a NaN pass.
      [&](V32 v) HWY_ATTR { return hn::Max(low, v); });
}

void max(const PlaneRun& p) {
  for_windows(
      p, set(-std::numeric_limits<float>::infinity()),
      [](V32 top, V32 x, size_t) HWY_ATTR { return keep_nan(top, hn::Max(top, x)); }, [](V32 v) HWY_ATTR { return v; });
}

void sum(const PlaneRun& p) {
  for_windows(
      p, set(0), [](V32 sum, V32 x, size_t) HWY_ATTR { return hn::Add(sum, x); }, [](V32 v) HWY_ATTR { return v; });
}

const PlaneOps* planes() {
  static const PlaneOps kOps = {kVectors * hn::Lanes(F32()), load, store_scaled, convolve, max, sum};
  return &kOps;
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
RLX_TARGET_TABLE(PlaneOps, plane_ops, planes)
#endif
