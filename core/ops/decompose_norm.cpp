// Normalisations out of reductions and elementwise steps, in f32 at least.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

namespace rlx::ops {
namespace {

ValueId times_rsqrt(Emit& e, ValueId x, ValueId variance) {
  const ValueId eps = e.like(variance, e.attrs().f("eps"));
  return e.mul(x, e.unary("rsqrt", e.add(variance, eps)));
}

// (x − mean)/√(var + eps) over the axes
ValueId standardised(Emit& e, ValueId x, const Axes& axes) {
  const ValueId centred = e.sub(x, e.reduce("mean", x, axes));
  return times_rsqrt(e, centred, e.reduce("mean", e.mul(centred, centred), axes));
}

// y·γ + β, where present; both are shaped to broadcast.
ValueId scaled(Emit& e, ValueId y, ValueId gamma, ValueId beta) {
  if (gamma != kNoValue) y = e.mul(y, gamma);
  if (beta != kNoValue) y = e.add(y, beta);
  return y;
}

ValueId widened_input(Emit& e, size_t i) {
  return e.has(i) ? e.widen(e.in(i)) : kNoValue;
}

ValueId channel_input(Emit& e, size_t i) {
  return e.along(e.widen(e.in(i)), 1, e.shape(e.in(0)).rank());
}

Result<Values> grouped_norm(Emit& e, int64_t groups) {
  const Shape shape = e.shape(e.in(0));
  const int64_t members = groups == 0 ? 0 : product(shape, 1, shape.rank()) / groups;
  const ValueId x = e.reshape(e.widen(e.in(0)), {shape[0], groups, members});
  const ValueId y = e.reshape(standardised(e, x, {2}), shape.dims());
  return e.done({e.cast(scaled(e, y, channel_input(e, 1), channel_input(e, 2)), e.dtype(e.in(0)))});
}

}  // namespace

Result<Values> decompose_layer_norm(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId x = e.widen(e.in(0));
  const Axes axes = axis_range(static_cast<size_t>(e.attrs().i("axis")), e.shape(x).rank());
  const ValueId y = scaled(e, standardised(e, x, axes), widened_input(e, 1), widened_input(e, 2));
  return e.done({e.cast(y, e.dtype(e.in(0)))});
}

Result<Values> decompose_rms_norm(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId x = e.widen(e.in(0));
  const Axes axes = axis_range(static_cast<size_t>(e.attrs().i("axis")), e.shape(x).rank());
  const ValueId y = times_rsqrt(e, x, e.reduce("mean", e.mul(x, x), axes));
  return e.done({e.cast(scaled(e, y, widened_input(e, 1), widened_input(e, 2)), e.dtype(e.in(0)))});
}

Result<Values> decompose_layer_norm_2d(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId y = standardised(e, e.widen(e.in(0)), {1});
  return e.done({e.cast(scaled(e, y, channel_input(e, 1), channel_input(e, 2)), e.dtype(e.in(0)))});
}

Result<Values> decompose_group_norm(Graph& graph, const Node& node) {
  Emit e(graph, node);
  return grouped_norm(e, e.attrs().i("groups"));
}

Result<Values> decompose_instance_norm(Graph& graph, const Node& node) {
  Emit e(graph, node);
  return grouped_norm(e, e.shape(e.in(0))[1]);
}

Result<Values> decompose_batch_norm(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId centred = e.sub(e.widen(e.in(0)), channel_input(e, 3));
  const ValueId y = times_rsqrt(e, centred, channel_input(e, 4));
  return e.done({e.cast(scaled(e, y, channel_input(e, 1), channel_input(e, 2)), e.dtype(e.in(0)))});
}

Result<Values> decompose_l2_norm(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId x = e.widen(e.in(0));
  const ValueId length = e.reduce("l2", x, {e.attrs().i("axis")});
  const ValueId divisor = e.binary("max", length, e.like(x, e.attrs().f("eps")));
  const ValueId zero = e.like(x, 0);
  const ValueId y = e.where(e.compare("eq", divisor, zero), zero, e.div(x, divisor));
  return e.done({e.cast(y, e.dtype(e.in(0)))});
}

// A mean pool that counts its padding is Σ_window/size; the channels become the one pooled axis.
Result<Values> decompose_lrn(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId x = e.widen(e.in(0));
  const Shape shape = e.shape(x);
  const int64_t size = e.attrs().i("size");
  const ValueId squares = e.reshape(e.mul(x, x), {shape[0], 1, shape[1], product(shape, 2, shape.rank())});
  ValueId mean = e.op("pool", {squares},
                      {{"kind", std::string("mean")},
                       {"kernel", Axes{size, 1}},
                       {"pads_begin", Axes{(size - 1) / 2, 0}},
                       {"pads_end", Axes{size / 2, 0}},
                       {"count_include_pad", int64_t{1}}});
  mean = e.reshape(mean, shape.dims());
  const ValueId base = e.add(e.like(x, e.attrs().f("bias")), e.mul(e.like(x, e.attrs().f("alpha")), mean));
  const ValueId y = e.div(x, e.binary("pow", base, e.like(x, e.attrs().f("beta"))));
  return e.done({e.cast(y, e.dtype(e.in(0)))});
}

}  // namespace rlx::ops
