// quantize: q = sat(round(x / s) + z)      dequantize: x = (q − z)·s
// The quotient is rounded to f32 (f64 stays), as every implementation in f32 does: a tie there decides a code.
// The scale s and the zero point z are scalars, or run along an axis.
#include "kernel.hpp"
#include "number.hpp"

namespace rlx::ref::kernels {

namespace {

// Calls fn(element, entry of scale and zero point).
template <typename Fn>
void for_each_scaled(const Call& call, Fn&& fn) {
  const Tensor& x = call.in(0);
  if (call.in(1).rank() == 0) {
    for (uint64_t i = 0; i < x.elements(); ++i) fn(i, 0);
    return;
  }
  const AxisSplit axis = split_at(x.dims, static_cast<size_t>(call.node.i("axis")));
  for (uint64_t i = 0; i < x.elements(); ++i) fn(i, i / axis.inner % axis.size);
}

}  // namespace

void quantize(const Call& call) {
  const std::vector<double> x = load<double>(call.in(0)), scale = load<double>(call.in(1));
  const std::vector<double> zero = call.has(2) ? load<double>(call.in(2)) : std::vector<double>(scale.size());
  std::vector<double> q(x.size());
  const bool wide = call.in(0).dtype == RLX_DTYPE_F64;
  for_each_scaled(call, [&](uint64_t i, uint64_t s) {
    const double quotient = x[i] / scale[s];
    q[i] = std::nearbyint(wide ? quotient : static_cast<double>(static_cast<float>(quotient))) + zero[s];
  });
  store(call.out(), q);  // saturates
}

void dequantize(const Call& call) {
  const std::vector<double> scale = load<double>(call.in(1));
  visit_number(call.in(0).dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> q = load<T>(call.in(0));
    const std::vector<T> zero = call.has(2) ? load<T>(call.in(2)) : std::vector<T>(scale.size());
    std::vector<double> x(q.size());
    for_each_scaled(call, [&](uint64_t i, uint64_t s) {
      x[i] = (static_cast<double>(q[i]) - static_cast<double>(zero[s])) * scale[s];
    });
    store(call.out(), x);
  });
}

}  // namespace rlx::ref::kernels
