// unary: y = kind(x, alpha, beta)      unary_backward: dx = dy·kind'(x)      relu_backward: dx = x > 0 ? dy : 0
#include "unary_kinds.hpp"

namespace rlx::ref::kernels {

void unary(const Call& call) {
  apply_unary(call, call.node.s("kind"), call.node.f("alpha"), call.node.f("beta"), call.in(0), call.out());
}

void unary_backward(const Call& call) {
  const UnaryKind& kind = unary_kind(call, call.node.s("kind"));
  if (!kind.derivative) call.bad_attribute("kind", kind.name);
  const double alpha = call.node.f("alpha"), beta = call.node.f("beta");
  const std::vector<double> x = load<double>(call.in(0)), dy = load<double>(call.in(1));
  std::vector<double> dx(x.size());
  for (size_t i = 0; i < dx.size(); ++i) dx[i] = dy[i] * kind.derivative(x[i], alpha, beta);
  store(call.out(), dx);
}

void relu_backward(const Call& call) {
  const std::vector<double> x = load<double>(call.in(0)), dy = load<double>(call.in(1));
  std::vector<double> dx(x.size());
  for (size_t i = 0; i < dx.size(); ++i) dx[i] = x[i] > 0 ? dy[i] : 0;
  store(call.out(), dx);
}

}  // namespace rlx::ref::kernels
