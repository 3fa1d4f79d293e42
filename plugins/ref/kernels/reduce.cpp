// Reductions over axes. Empty: sum 0, prod 1, max −inf or lowest, min inf or highest, mean NaN.
//   reduce: y = kind over axes      arg_reduce: index of the extreme, smallest on ties unless last_index
#include "kernel.hpp"
#include "number.hpp"

#include <algorithm>

namespace rlx::ref::kernels {

namespace {

// The strides of x split into those of the axes that stay and of the axes that go.
struct Split {
  Dims kept, reduced;
  Strides kept_strides, reduced_strides;
};

Split split_axes(const Tensor& x, std::span<const int64_t> axes) {
  const Strides strides = row_major(x.dims);
  Split s;
  for (size_t i = 0; i < x.rank(); ++i) {
    const bool goes = std::find(axes.begin(), axes.end(), static_cast<int64_t>(i)) != axes.end();
    (goes ? s.reduced : s.kept).push_back(x.dim(i));
    (goes ? s.reduced_strides : s.kept_strides).push_back(strides[i]);
  }
  return s;
}

// The values that one output reduces, and what they become. T is the number domain of the dtype.
template <typename T>
T reduced(const Call& call, std::string_view kind, const std::vector<T>& values) {
  T y{};
  if (kind == "any" || kind == "all") {
    y = static_cast<T>(kind == "all");
    for (T v : values) y = kind == "all" ? min(y, v) : max(y, v);
  } else if (kind == "max") {
    y = lowest_of<T>(call.out().dtype);
    for (T v : values) y = max(y, v);
  } else if (kind == "min") {
    y = highest_of<T>(call.out().dtype);
    for (T v : values) y = min(y, v);
  } else if (kind == "prod") {
    y = 1;
    for (T v : values) y = mul(y, v);
  } else if (kind == "sum") {
    for (T v : values) y = add(y, v);
  } else if (kind == "l1") {
    for (T v : values) y = v < T{0} ? sub(y, v) : add(y, v);
  } else if (kind == "sum_sq") {
    for (T v : values) y = add(y, mul(v, v));
  } else if constexpr (std::is_same_v<T, double>) {
    if (kind == "mean") {
      for (double v : values) y += v;
      y /= static_cast<double>(values.size());
    } else if (kind == "l2") {
      for (double v : values) y += v * v;
      y = std::sqrt(y);
    } else if (kind == "logsumexp") {
      double top = lowest_of<double>(RLX_DTYPE_F64);
      for (double v : values) top = max(top, v);
      // Infinite on both sides would subtract to NaN; then the top is the answer.
      if (!std::isfinite(top)) return top;
      for (double v : values) y += std::exp(v - top);
      y = top + std::log(y);
    } else {
      call.bad_attribute("kind", kind);
    }
  } else {
    call.bad_attribute("kind", kind);
  }
  return y;
}

}  // namespace

void reduce(const Call& call) {
  const std::string_view kind = call.node.s("kind");
  const Split split = split_axes(call.in(0), call.node.ints("axes"));
  visit_number(call.in(0).dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> x = load<T>(call.in(0));
    std::vector<T> y, values;
    for_each_offset(split.kept, split.kept_strides, 0, [&](int64_t start) {
      values.clear();
      for_each_offset(split.reduced, split.reduced_strides, start,
                      [&](int64_t offset) { values.push_back(x[static_cast<size_t>(offset)]); });
      y.push_back(reduced(call, kind, values));
    });
    store(call.out(), y);
  });
}

void arg_reduce(const Call& call) {
  const AxisSplit axis = split_at(call.in(0).dims, static_cast<size_t>(call.node.i("axis")));
  const bool largest = call.node.s("kind") == "argmax", last = call.node.flag("last_index");
  visit_number(call.in(0).dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> x = load<T>(call.in(0));
    std::vector<int64_t> y(axis.outer * axis.inner);
    for (uint64_t o = 0; o < axis.outer; ++o)
      for (uint64_t n = 0; n < axis.inner; ++n) {
        uint64_t best = 0;
        for (uint64_t i = 1; i < axis.size; ++i) {
          const T old = x[axis.at(o, best, n)], now = x[axis.at(o, i, n)];
          const bool better = largest ? less(old, now) : less(now, old);
          const bool worse = largest ? less(now, old) : less(old, now);
          if (better || (last && !worse)) best = i;
        }
        y[o * axis.inner + n] = static_cast<int64_t>(best);
      }
    store(call.out(), y);
  });
}

}  // namespace rlx::ref::kernels
