// Accumulators of the reductions. Sums of floats are kept in f64, which costs nothing where memory is the bound and is
// more accurate than pairwise summation in f32.
#include "kernels/reduce_ops.hpp"

#include "kernels/plain_loop.hpp"

#include <cmath>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/reduce_ops.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/f32_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {

using F64 = hn::ScalableTag<double>;
using HalfF32 = hn::Rebind<float, F64>;

struct Plain {
  template <typename V>
  static HWY_INLINE V of(V x) {
    return x;
  }
  template <typename T>
  static T one(T x) {
    return x;
  }
};
struct Magnitude {
  template <typename V>
  static HWY_INLINE V of(V x) {
    return hn::Abs(x);
  }
  template <typename T>
  static T one(T x) {
    return x < 0 ? static_cast<T>(0 - x) : x;
  }
};
struct Square {
  template <typename V>
  static HWY_INLINE V of(V x) {
    return hn::Mul(x, x);
  }
  template <typename T>
  static T one(T x) {
    return x * x;
  }
};

// Accumulate in A; T is promoted first, so that squares are exact.
template <typename T, typename A, typename Map>
struct Sum {
  static void init(void* acc, size_t n) {
    for (size_t i = 0; i < n; ++i) static_cast<A*>(acc)[i] = 0;
  }
  static void row(void* acc, const void* from, size_t n) {
    const T* x = static_cast<const T*>(from);
    size_t i = 0;
    A total = 0;
    if constexpr (std::is_same_v<T, float>) {
      const F64 d;
      const HalfF32 h;
      const size_t lanes = hn::Lanes(d);
      auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
      for (; i + 4 * lanes <= n; i += 4 * lanes) {
        s0 = hn::Add(s0, Map::of(hn::PromoteTo(d, hn::LoadU(h, x + i))));
        s1 = hn::Add(s1, Map::of(hn::PromoteTo(d, hn::LoadU(h, x + i + lanes))));
        s2 = hn::Add(s2, Map::of(hn::PromoteTo(d, hn::LoadU(h, x + i + 2 * lanes))));
        s3 = hn::Add(s3, Map::of(hn::PromoteTo(d, hn::LoadU(h, x + i + 3 * lanes))));
      }
      total = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
    } else {
      A part[8] = {};
      for (; i + 8 <= n; i += 8)
        for (size_t k = 0; k < 8; ++k) part[k] += Map::one(static_cast<A>(x[i + k]));
      for (A p : part) total += p;
    }
    for (; i < n; ++i) total += Map::one(static_cast<A>(x[i]));
    *static_cast<A*>(acc) += total;
  }
  static void columns(void* acc, const void* from, size_t n) {
    const T* x = static_cast<const T*>(from);
    A* a = static_cast<A*>(acc);
    for (size_t i = 0; i < n; ++i) a[i] += Map::one(static_cast<A>(x[i]));
  }
  static void merge(void* acc, const void* other) { *static_cast<A*>(acc) += *static_cast<const A*>(other); }
  static void finish(const void* acc, void* y, size_t n, double) {
    for (size_t i = 0; i < n; ++i) static_cast<T*>(y)[i] = static_cast<T>(static_cast<const A*>(acc)[i]);
  }
};

template <typename T>
struct Mean : Sum<T, double, Plain> {
  static void finish(const void* acc, void* y, size_t n, double count) {
    for (size_t i = 0; i < n; ++i) static_cast<T*>(y)[i] = static_cast<T>(static_cast<const double*>(acc)[i] / count);
  }
};

template <typename T>
struct L2 : Sum<T, double, Square> {
  static void finish(const void* acc, void* y, size_t n, double) {
    for (size_t i = 0; i < n; ++i)
      static_cast<T*>(y)[i] = static_cast<T>(std::sqrt(static_cast<const double*>(acc)[i]));
  }
};

// A fold whose accumulator is an element, or a wider one for products.
template <typename T, typename A, typename Op>
struct Fold {
  static void init(void* acc, size_t n) {
    for (size_t i = 0; i < n; ++i) static_cast<A*>(acc)[i] = Op::template start<A>();
  }
  static void row(void* acc, const void* from, size_t n) {
    const T* x = static_cast<const T*>(from);
    A part[8];
    init(part, 8);
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
      for (size_t k = 0; k < 8; ++k) part[k] = Op::of(part[k], static_cast<A>(x[i + k]));
    for (; i < n; ++i) part[0] = Op::of(part[0], static_cast<A>(x[i]));
    A& total = *static_cast<A*>(acc);
    for (A p : part) total = Op::of(total, p);
  }
  static void columns(void* acc, const void* from, size_t n) {
    const T* x = static_cast<const T*>(from);
    A* a = static_cast<A*>(acc);
    for (size_t i = 0; i < n; ++i) a[i] = Op::of(a[i], static_cast<A>(x[i]));
  }
  static void merge(void* acc, const void* other) {
    A& total = *static_cast<A*>(acc);
    total = Op::of(total, *static_cast<const A*>(other));
  }
  static void finish(const void* acc, void* y, size_t n, double) {
    for (size_t i = 0; i < n; ++i) static_cast<T*>(y)[i] = static_cast<T>(static_cast<const A*>(acc)[i]);
  }
};

template <typename A>
constexpr A lowest() {
  return std::is_floating_point_v<A> ? -std::numeric_limits<A>::infinity() : std::numeric_limits<A>::lowest();
}
template <typename A>
constexpr A highest() {
  return std::is_floating_point_v<A> ? std::numeric_limits<A>::infinity() : std::numeric_limits<A>::max();
}

// NaN stays: it is greater than nothing and nothing is greater.
struct Max {
  template <typename A>
  static constexpr A start() {
    return lowest<A>();
  }
  template <typename A>
  static HWY_INLINE A of(A a, A b) {
    return b > a || b != b ? b : a;
  }
};
struct Min {
  template <typename A>
  static constexpr A start() {
    return highest<A>();
  }
  template <typename A>
  static HWY_INLINE A of(A a, A b) {
    return b < a || b != b ? b : a;
  }
};
struct Product {
  template <typename A>
  static constexpr A start() {
    return 1;
  }
  template <typename A>
  static A of(A a, A b) {
    return a * b;
  }
};
struct Any {
  template <typename A>
  static constexpr A start() {
    return 0;
  }
  template <typename A>
  static A of(A a, A b) {
    return static_cast<A>(a | (b != 0));
  }
};
struct All {
  template <typename A>
  static constexpr A start() {
    return 1;
  }
  template <typename A>
  static A of(A a, A b) {
    return static_cast<A>(a & (b != 0));
  }
};

// The vectorised extreme of a row of f32.
template <typename Op>
struct Extreme : Fold<float, float, Op> {
  static void row(void* acc, const void* from, size_t n) {
    const F32 d;
    const float* x = static_cast<const float*>(from);
    const size_t lanes = hn::Lanes(d);
    constexpr bool kMax = std::is_same_v<Op, Max>;
    V32 a = set(Op::template start<float>()), b = a;
    auto nan = hn::IsNaN(a);
    size_t i = 0;
    for (; i + 2 * lanes <= n; i += 2 * lanes) {
      const V32 u = hn::LoadU(d, x + i), v = hn::LoadU(d, x + i + lanes);
      nan = hn::Or(nan, hn::Or(hn::IsNaN(u), hn::IsNaN(v)));
      a = kMax ? hn::Max(u, a) : hn::Min(u, a);
      b = kMax ? hn::Max(v, b) : hn::Min(v, b);
    }
    float& total = *static_cast<float*>(acc);
    if (!hn::AllFalse(d, nan)) {
      total = std::numeric_limits<float>::quiet_NaN();
      return;
    }
    a = kMax ? hn::MaxOfLanes(d, hn::Max(a, b)) : hn::MinOfLanes(d, hn::Min(a, b));
    total = Op::of(total, hn::GetLane(a));
    for (; i < n; ++i) total = Op::of(total, x[i]);
  }
};

// The largest value so far and the sum of exponentials below it.
struct TopSum {
  double top, sum;
  void add(double x) { add({x, 1}); }
  void add(TopSum o) {
    if (o.top > top || o.top != o.top) std::swap(top, o.top), std::swap(sum, o.sum);
    if (o.sum != 0 && std::isfinite(top)) sum += o.sum * std::exp(o.top - top);
  }
};
template <typename T>
struct LogSumExp {
  static void init(void* acc, size_t n) {
    for (size_t i = 0; i < n; ++i) static_cast<TopSum*>(acc)[i] = {lowest<double>(), 0};
  }
  static void row(void* acc, const void* from, size_t n) {
    const T* x = static_cast<const T*>(from);
    T top = lowest<T>();
    for (size_t i = 0; i < n; ++i) top = Max::of(top, x[i]);
    TopSum s{top, 0};
    if (std::isfinite(top))
      for (size_t i = 0; i < n; ++i) s.sum += std::exp(x[i] - top);
    static_cast<TopSum*>(acc)->add(s);
  }
  static void columns(void* acc, const void* from, size_t n) {
    for (size_t i = 0; i < n; ++i) static_cast<TopSum*>(acc)[i].add(static_cast<const T*>(from)[i]);
  }
  static void merge(void* acc, const void* other) {
    static_cast<TopSum*>(acc)->add(*static_cast<const TopSum*>(other));
  }
  static void finish(const void* acc, void* y, size_t n, double) {
    for (size_t i = 0; i < n; ++i) {
      const TopSum s = static_cast<const TopSum*>(acc)[i];
      static_cast<T*>(y)[i] = static_cast<T>(std::isfinite(s.top) ? s.top + std::log(s.sum) : s.top);
    }
  }
};

template <typename T>
constexpr ReduceOps ops(size_t accumulator_bytes) {
  return {accumulator_bytes, T::init, T::row, T::columns, T::merge, T::finish};
}

template <typename T>
const ReduceOps* find_number(std::string_view kind) {
  constexpr bool kFloat = std::is_floating_point_v<T>;
  // Integers wrap in 64 bits and are truncated.
  using A = std::conditional_t<kFloat, double, uint64_t>;
  using Wide = std::conditional_t<kFloat, double, std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>>;
  static constexpr ReduceOps kSum = ops<Sum<T, A, Plain>>(sizeof(A)), kSquares = ops<Sum<T, A, Square>>(sizeof(A));
  static constexpr ReduceOps kL1 = ops<Sum<T, Wide, Magnitude>>(sizeof(A));
  static constexpr ReduceOps kProduct = ops<Fold<T, A, Product>>(sizeof(A));
  if (kind == "sum") return &kSum;
  if (kind == "sum_sq") return &kSquares;
  if (kind == "l1") return &kL1;
  if (kind == "prod") return &kProduct;
  if constexpr (std::is_same_v<T, float>) {
    static constexpr ReduceOps kMax = ops<Extreme<Max>>(sizeof(T)), kMin = ops<Extreme<Min>>(sizeof(T));
    if (kind == "max") return &kMax;
    if (kind == "min") return &kMin;
  } else {
    static constexpr ReduceOps kMax = ops<Fold<T, T, Max>>(sizeof(T)), kMin = ops<Fold<T, T, Min>>(sizeof(T));
    if (kind == "max") return &kMax;
    if (kind == "min") return &kMin;
  }
  if constexpr (kFloat) {
    static constexpr ReduceOps kMean = ops<Mean<T>>(sizeof(A)), kL2 = ops<L2<T>>(sizeof(A));
    static constexpr ReduceOps kLog = ops<LogSumExp<T>>(sizeof(TopSum));
    if (kind == "mean") return &kMean;
    if (kind == "l2") return &kL2;
    if (kind == "logsumexp") return &kLog;
  }
  return nullptr;
}

const ReduceOps* find_reduce(std::string_view kind, rlx_dtype dtype) {
  static constexpr ReduceOps kAny = ops<Fold<uint8_t, uint8_t, Any>>(1), kAll = ops<Fold<uint8_t, uint8_t, All>>(1);
  if (dtype == RLX_DTYPE_BOOL) return kind == "any" ? &kAny : kind == "all" ? &kAll : nullptr;
  const ReduceOps* found = nullptr;
  visit_number(dtype, [&](auto v) { found = find_number<decltype(v)>(kind); });
  return found;
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rlx::cpu {
namespace kernels {
HWY_EXPORT(find_reduce);
}
const ReduceOps* find_reduce_ops(std::string_view kind, rlx_dtype dtype) {
  using namespace kernels;
  return HWY_DYNAMIC_DISPATCH(find_reduce)(kind, dtype);
}
}  // namespace rlx::cpu
#endif
