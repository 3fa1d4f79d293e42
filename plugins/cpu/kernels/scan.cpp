// cumsum, cumprod and cumsum_backward along any axis, and arg_reduce: one walk along the axis, for strips of columns
// when the axis is not the last. Bound by memory, or by the chain of additions of a single row.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/integer_math.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 8192;  // elements worth a second thread
constexpr uint64_t kStrip = 256;

// Numbers that halves and small integers are computed in.
template <typename T>
auto widened(T x) {
  if constexpr (std::is_same_v<T, sdk::Bool>)
    return static_cast<int>(x.value);
  else if constexpr (!std::is_arithmetic_v<T>)
    return static_cast<double>(sdk::cast_to<float>(x));
  else if constexpr (std::is_floating_point_v<T>)
    return static_cast<double>(x);
  else
    return wide(x);
}

struct Strip {
  AxisView view;
  uint64_t first, width;  // columns of the view's block `outer`
  uint64_t outer;
};

// Calls fn for each strip of columns of the view.
template <typename Fn>
void for_strips(const Run& r, const AxisView& view, Fn&& fn) {
  if (view.outer * view.inner == 0) return;
  const uint64_t strips = (view.inner + kStrip - 1) / kStrip;
  const uint64_t cost = std::max<uint64_t>(1, view.n * std::min(view.inner, kStrip));
  r.team.split(view.outer * strips, std::max<uint64_t>(1, kGrain / cost), [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t i = begin; i < end; ++i) {
      const uint64_t first = i % strips * kStrip;
      fn(Strip{view, first, std::min(kStrip, view.inner - first), i / strips});
    }
  });
}

struct ScanHow {
  bool product, exclusive, reverse;
};

template <typename T>
void scan(const ScanHow& how, const Strip& s, const std::byte* src, std::byte* dst) {
  using A = decltype(widened(T{}));
  const T* x = reinterpret_cast<const T*>(src);
  T* y = reinterpret_cast<T*>(dst);
  A total[kStrip];
  std::fill(total, total + s.width, how.product ? A{1} : A{0});
  for (uint64_t step = 0; step < s.view.n; ++step) {
    const uint64_t row = how.reverse ? s.view.n - 1 - step : step;
    const uint64_t at = (s.outer * s.view.n + row) * s.view.inner + s.first;
    for (uint64_t i = 0; i < s.width; ++i) {
      const A before = total[i], next = widened(x[at + i]);
      total[i] = how.product ? before * next : before + next;
      y[at + i] = sdk::cast_to<T>(how.exclusive ? before : total[i]);
    }
  }
}

class Scan final : public Kernel {
 public:
  explicit Scan(const NodeView& n) : Kernel("scan:" + std::string(n.op())), view_(view_axis(n.in(0), n.i("axis"))) {
    how_ = {n.op() == "cumprod", n.flag("exclusive"), n.flag("reverse") != (n.op() == "cumsum_backward")};
    sdk::visit_dtype(n.in(0).dtype, [&](auto v) {
      using T = decltype(v);
      if constexpr (!std::is_same_v<T, sdk::C64> && !std::is_same_v<T, sdk::Bool>) scan_ = scan<T>;
    });
  }
  void run(const Run& r) const override {
    for_strips(r, view_, [&](const Strip& s) { scan_(how_, s, r.inputs[0], r.outputs[0]); });
  }

 private:
  AxisView view_;
  ScanHow how_;
  void (*scan_)(const ScanHow&, const Strip&, const std::byte*, std::byte*) = nullptr;
};

struct ArgHow {
  bool largest, last;
};

// NaN is larger than everything.
template <typename A>
bool replaces(const ArgHow& how, A next, A best) {
  if (next != next || best != best) {
    const bool next_nan = next != next, best_nan = best != best;
    if (next_nan && best_nan) return how.last;
    return how.largest ? next_nan : best_nan;
  }
  if (next == best) return how.last;
  return how.largest ? next > best : next < best;
}

template <typename T>
auto comparable(T x) {
  if constexpr (std::is_arithmetic_v<T>)
    return x;
  else
    return widened(x);
}

template <typename T>
void arg_reduce(const ArgHow& how, const Strip& s, const std::byte* src, int64_t* y) {
  const T* x = reinterpret_cast<const T*>(src) + s.outer * s.view.n * s.view.inner + s.first;
  decltype(comparable(T{})) best[kStrip];
  int64_t* at = y + s.outer * s.view.inner + s.first;
  for (uint64_t i = 0; i < s.width; ++i) best[i] = comparable(x[i]), at[i] = 0;
  for (uint64_t row = 1; row < s.view.n; ++row)
    for (uint64_t i = 0; i < s.width; ++i) {
      const auto next = comparable(x[row * s.view.inner + i]);
      if (!replaces(how, next, best[i])) continue;
      best[i] = next;
      at[i] = static_cast<int64_t>(row);
    }
}

class ArgReduce final : public Kernel {
 public:
  explicit ArgReduce(const NodeView& n) : Kernel("scan:arg_reduce"), view_(view_axis(n.in(0), n.i("axis"))) {
    how_ = {n.s("kind") == "argmax", n.flag("last_index")};
    sdk::visit_dtype(n.in(0).dtype, [&](auto v) {
      if constexpr (!std::is_same_v<decltype(v), sdk::C64>) arg_ = arg_reduce<decltype(v)>;
    });
  }
  void run(const Run& r) const override {
    if (view_.n == 0) return;
    for_strips(r, view_, [&](const Strip& s) { arg_(how_, s, r.inputs[0], r.out<int64_t>()); });
  }

 private:
  AxisView view_;
  ArgHow how_;
  void (*arg_)(const ArgHow&, const Strip&, const std::byte*, int64_t*) = nullptr;
};

}  // namespace

Claim claim_scan(const NodeView& n, const CpuInfo&) {
  const rlx_dtype t = n.in(0).dtype;
  if (t == RLX_DTYPE_C64 || (t == RLX_DTYPE_BOOL && n.op() != "arg_reduce")) return Claim::no(dtype_reason(t));
  return Claim::native(n.op() == "arg_reduce" ? 0 : 1);
}

std::unique_ptr<Kernel> make_scan(MakeContext& m) {
  if (m.node.op() == "arg_reduce") return std::make_unique<ArgReduce>(m.node);
  return std::make_unique<Scan>(m.node);
}

}  // namespace rlx::cpu::kernels
