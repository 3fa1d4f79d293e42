// Gradients of the normalisations out of reductions and elementwise steps, in f32 at least.
// Over the axes of the statistics, with r = 1/√(… + eps), x̂ = (x − mean)·r (rms: x·r) and g = dy·γ:
//   layer, group: dx = r·(g − mean(g) − x̂·mean(g·x̂))      rms: dx = r·(g − x̂·mean(g·x̂))
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

namespace rlx::ops {
namespace {

struct Normalised {
  ValueId x, r;
};

Normalised normalise(Emit& e, ValueId x, const Axes& axes, bool centre) {
  if (centre) x = e.sub(x, e.reduce("mean", x, axes));
  const ValueId variance = e.reduce("mean", e.mul(x, x), axes);
  const ValueId r = e.unary("rsqrt", e.add(variance, e.like(x, e.attrs().f("eps"))));
  return {e.mul(x, r), r};
}

ValueId input_gradient(Emit& e, const Normalised& n, ValueId g, const Axes& axes, bool centre) {
  ValueId rest = e.sub(g, e.mul(n.x, e.reduce("mean", e.mul(g, n.x), axes)));
  if (centre) rest = e.sub(rest, e.reduce("mean", g, axes));
  return e.mul(n.r, rest);
}

bool subtracts_mean(const Node& node) {
  return node.op().substr(0, 4) != "rms_";
}

Axes trailing_axes(const Emit& e) {
  return axis_range(static_cast<size_t>(e.attrs().i("axis")), e.shape(e.in(0)).rank());
}
Axes leading_axes(const Emit& e) {
  return axis_range(0, static_cast<size_t>(e.attrs().i("axis")));
}

// x as [N, groups, members]; the statistics run over the last axis.
ValueId grouped(Emit& e, ValueId x) {
  const Shape shape = e.shape(x);
  const int64_t groups = e.attrs().i("groups");
  return e.reshape(x, {shape[0], groups, product(shape, 1, shape.rank()) / groups});
}

Axes all_but_channels(const Shape& shape) {
  Axes axes = {0};
  for (const int64_t i : axis_range(2, shape.rank())) axes.push_back(i);
  return axes;
}

}  // namespace

Result<Values> decompose_trailing_norm_backward_input(Graph& graph, const Node& node) {
  const bool centre = subtracts_mean(node);
  Emit e(graph, node);
  const Axes axes = trailing_axes(e);
  const Normalised n = normalise(e, e.widen(e.in(0)), axes, centre);
  const ValueId g = e.mul(e.widen(e.in(2)), e.widen(e.in(1)));
  return e.done({e.cast(input_gradient(e, n, g, axes, centre), e.dtype(e.in(0)))});
}

Result<Values> decompose_trailing_norm_backward_gamma(Graph& graph, const Node& node) {
  const bool centre = subtracts_mean(node);
  Emit e(graph, node);
  const Normalised n = normalise(e, e.widen(e.in(0)), trailing_axes(e), centre);
  const ValueId sum = e.reduce("sum", e.mul(e.widen(e.in(1)), n.x), leading_axes(e), false);
  return e.done({e.cast(sum, e.dtype(e.in(0)))});
}

Result<Values> decompose_trailing_norm_backward_beta(Graph& graph, const Node& node) {
  Emit e(graph, node);
  return e.done({e.reduce("sum", e.in(0), leading_axes(e), false)});
}

Result<Values> decompose_group_norm_backward_input(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape shape = e.shape(e.in(0));
  const ValueId gamma = e.along(e.widen(e.in(1)), 1, shape.rank());
  const Normalised n = normalise(e, grouped(e, e.widen(e.in(0))), {2}, true);
  const ValueId g = grouped(e, e.mul(e.widen(e.in(2)), gamma));
  const ValueId dx = e.reshape(input_gradient(e, n, g, {2}, true), shape.dims());
  return e.done({e.cast(dx, e.dtype(e.in(0)))});
}

Result<Values> decompose_group_norm_backward_gamma(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape shape = e.shape(e.in(0));
  const Normalised n = normalise(e, grouped(e, e.widen(e.in(0))), {2}, true);
  const ValueId products = e.mul(e.widen(e.in(1)), e.reshape(n.x, shape.dims()));
  return e.done({e.cast(e.reduce("sum", products, all_but_channels(shape), false), e.dtype(e.in(0)))});
}

Result<Values> decompose_group_norm_backward_beta(Graph& graph, const Node& node) {
  Emit e(graph, node);
  return e.done({e.reduce("sum", e.in(0), all_but_channels(e.shape(e.in(0))), false)});
}

}  // namespace rlx::ops
