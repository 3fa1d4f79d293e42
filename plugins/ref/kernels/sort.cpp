// Sorting along an axis. NaN is the largest value; equal values keep their order.
//   sort: values and their positions      top_k: the first k of the sorted axis
#include "kernel.hpp"
#include "number.hpp"

#include <algorithm>
#include <numeric>

namespace rlx::ref::kernels {

namespace {

// Both outputs have the axis cut to their own size.
void sort_along(const Call& call, bool descending) {
  const size_t axis = static_cast<size_t>(call.node.i("axis"));
  const AxisSplit in = split_at(call.in(0).dims, axis), out = split_at(call.out(0).dims, axis);
  visit_number(call.in(0).dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> x = load<T>(call.in(0));
    std::vector<T> values(call.out(0).elements());
    std::vector<int64_t> positions(values.size());
    std::vector<uint64_t> order(in.size);
    for (uint64_t o = 0; o < in.outer; ++o)
      for (uint64_t n = 0; n < in.inner; ++n) {
        std::iota(order.begin(), order.end(), uint64_t{0});
        std::stable_sort(order.begin(), order.end(), [&](uint64_t a, uint64_t b) {
          const T va = x[in.at(o, a, n)], vb = x[in.at(o, b, n)];
          return descending ? less(vb, va) : less(va, vb);
        });
        for (uint64_t i = 0; i < out.size; ++i) {
          values[out.at(o, i, n)] = x[in.at(o, order[i], n)];
          positions[out.at(o, i, n)] = static_cast<int64_t>(order[i]);
        }
      }
    store(call.out(0), values);
    store(call.out(1), positions);
  });
}

}  // namespace

void sort(const Call& call) {
  sort_along(call, call.node.flag("descending"));
}

void top_k(const Call& call) {
  sort_along(call, call.node.flag("largest"));
}

}  // namespace rlx::ref::kernels
