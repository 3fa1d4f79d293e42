// Running sums and products along an axis.
//   exclusive: y[i] leaves x[i] out      reverse: from the end      cumsum_backward: the scan in the other direction
#include "kernel.hpp"
#include "number.hpp"

namespace rlx::ref::kernels {

namespace {

template <typename T, typename Combine>
void scan(const Call& call, T first, bool reverse, Combine combine) {
  const AxisSplit axis = split_at(call.in(0).dims, static_cast<size_t>(call.node.i("axis")));
  const bool exclusive = call.node.flag("exclusive");
  const std::vector<T> x = load<T>(call.in(0));
  std::vector<T> y(x.size());
  for (uint64_t o = 0; o < axis.outer; ++o)
    for (uint64_t n = 0; n < axis.inner; ++n) {
      T total = first;
      for (uint64_t step = 0; step < axis.size; ++step) {
        const uint64_t at = axis.at(o, reverse ? axis.size - 1 - step : step, n);
        const T before = total;
        total = combine(total, x[at]);
        y[at] = exclusive ? before : total;
      }
    }
  store(call.out(), y);
}

void scan_sum(const Call& call, bool reverse) {
  visit_sum(call.out().dtype, [&](auto number) {
    using T = decltype(number);
    scan<T>(call, T{0}, reverse, [](T a, T b) { return add(a, b); });
  });
}

}  // namespace

void cumsum(const Call& call) {
  scan_sum(call, call.node.flag("reverse"));
}

void cumsum_backward(const Call& call) {
  scan_sum(call, !call.node.flag("reverse"));
}

void cumprod(const Call& call) {
  visit_sum(call.out().dtype, [&](auto number) {
    using T = decltype(number);
    scan<T>(call, T{1}, call.node.flag("reverse"), [](T a, T b) { return mul(a, b); });
  });
}

}  // namespace rlx::ref::kernels
