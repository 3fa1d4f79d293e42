// copy, compare, where, clamp and cast. Operands broadcast as in numpy.
//   compare: y = a kind b, bool      where: y = c ? a : b      clamp: y = min(max(x, lo), hi)
#include "kernel.hpp"
#include "number.hpp"

#include <cstring>
#include <functional>

namespace rlx::ref::kernels {

namespace {

template <typename T>
using Comparison = bool (*)(T, T);

template <typename T>
Comparison<T> comparison(const Call& call) {
  const std::string_view kind = call.node.s("kind");
  if (kind == "eq") return [](T a, T b) { return a == b; };
  if (kind == "ne") return [](T a, T b) { return a != b; };
  if (kind == "lt") return [](T a, T b) { return a < b; };
  if (kind == "le") return [](T a, T b) { return a <= b; };
  if (kind == "gt") return [](T a, T b) { return a > b; };
  if (kind == "ge") return [](T a, T b) { return a >= b; };
  call.bad_attribute("kind", kind);
}

}  // namespace

void copy(const Call& call) {
  if (call.out().bytes()) std::memmove(call.out().data, call.in(0).data, call.out().bytes());
}

void compare(const Call& call) {
  visit_number(call.in(0).dtype, [&](auto number) {
    using T = decltype(number);
    const Comparison<T> holds = comparison<T>(call);
    const std::vector<T> a = load_broadcast<T>(call.in(0), call.out().dims);
    const std::vector<T> b = load_broadcast<T>(call.in(1), call.out().dims);
    std::vector<int64_t> y(a.size());
    for (size_t i = 0; i < y.size(); ++i) y[i] = holds(a[i], b[i]);
    store(call.out(), y);
  });
}

// Moves bytes: any dtype keeps its exact values.
void where(const Call& call) {
  const Tensor &a = call.in(1), &b = call.in(2), &y = call.out();
  const std::vector<int64_t> choice = load_broadcast<int64_t>(call.in(0), y.dims);
  uint64_t i = 0;
  const Strides strides_a = broadcast_strides(a.dims, y.dims), strides_b = broadcast_strides(b.dims, y.dims);
  for_each_index(y.dims, [&](const Index& index) {
    const bool from_a = choice[i] != 0;
    const Strides& strides = from_a ? strides_a : strides_b;
    int64_t offset = 0;
    for (size_t axis = 0; axis < strides.size(); ++axis) offset += static_cast<int64_t>(index[axis]) * strides[axis];
    std::memcpy(y.at(i++), (from_a ? a : b).at(static_cast<uint64_t>(offset)), y.width());
  });
}

void clamp(const Call& call) {
  visit_number(call.in(0).dtype, [&](auto number) {
    using T = decltype(number);
    const T lo = call.has(1) ? load<T>(call.in(1))[0] : sdk::cast_to<T>(call.node.f("lo"));
    const T hi = call.has(2) ? load<T>(call.in(2))[0] : sdk::cast_to<T>(call.node.f("hi"));
    std::vector<T> y = load<T>(call.in(0));
    for (T& v : y) v = min(max(v, lo), hi);
    store(call.out(), y);
  });
}

void cast(const Call& call) {
  sdk::convert(call.in(0).dtype, call.in(0).data, call.out().dtype, call.out().data, call.out().elements());
}

}  // namespace rlx::ref::kernels
