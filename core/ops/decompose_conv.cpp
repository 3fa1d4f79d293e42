// conv_transpose as a convolution over the input with zeros between its elements, and the fused convolution's chain.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"
#include "ops/window.hpp"

#include <algorithm>

namespace rlx::ops {
namespace {

// Puts stride − 1 zeros after each element of the axis but the last.
ValueId spread_axis(Emit& e, ValueId x, size_t axis, int64_t stride) {
  if (stride == 1) return x;
  Shape shape = e.shape(x);
  const int64_t before = product(shape, 0, axis), after = product(shape, axis + 1, shape.rank());
  const int64_t size = shape[axis];
  x = e.pad_zeros(e.reshape(x, {before, size, 1, after}), {0, 0, 0, 0}, {0, 0, stride - 1, 0});
  x = e.slice(e.reshape(x, {before, size * stride, after}), 1, 0, (size - 1) * stride + 1);
  shape[axis] = (size - 1) * stride + 1;
  return e.reshape(x, shape.dims());
}

// Pads an axis with zeros; negative amounts cut.
ValueId fit_axis(Emit& e, ValueId x, size_t axis, int64_t begin, int64_t end) {
  Shape shape = e.shape(x);
  Axes begins(shape.rank(), 0), ends(shape.rank(), 0);
  begins[axis] = std::max<int64_t>(begin, 0);
  ends[axis] = std::max<int64_t>(end, 0);
  if (begins[axis] + ends[axis] > 0) x = e.pad_zeros(x, begins, ends);
  shape = e.shape(x);
  if (shape.rank() == 0) return x;
  return e.slice(x, axis, std::max<int64_t>(-begin, 0), shape[axis] - std::max<int64_t>(-end, 0));
}

// [C, M/g, k…] to [M, C/g, k…] with the taps in reverse order
ValueId forward_weights(Emit& e, ValueId w, int64_t groups) {
  const Shape shape = e.shape(w);
  const size_t rank = shape.rank();
  Axes split = {groups, shape[0] / groups, shape[1]}, perm = {0, 2, 1}, joined = {groups * shape[1], shape[0] / groups};
  for (size_t i = kFirstSpatial; i < rank; ++i) {
    split.push_back(shape[i]);
    joined.push_back(shape[i]);
    perm.push_back(static_cast<int64_t>(i + 1));
  }
  w = e.reshape(e.transpose(e.reshape(w, split), perm), joined);
  return e.op("reverse", {w}, {{"axes", axis_range(kFirstSpatial, rank)}});
}

}  // namespace

Result<Values> decompose_conv_transpose(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Attrs& a = e.attrs();
  ValueId x = e.in(0);
  const size_t rank = e.shape(x).rank();
  for (size_t i = 0; i + kFirstSpatial < rank; ++i) {
    const int64_t reach = window_span(e.shape(e.in(1))[kFirstSpatial + i], a.ints("dilations")[i]) - 1;
    x = spread_axis(e, x, kFirstSpatial + i, a.ints("strides")[i]);
    x = fit_axis(e, x, kFirstSpatial + i, reach - a.ints("pads_begin")[i],
                 reach - a.ints("pads_end")[i] + a.ints("output_padding")[i]);
  }
  const ValueId w = forward_weights(e, e.in(1), a.i("groups"));
  return e.done({e.op("conv", {x, w, e.in(2)}, {{"groups", a.i("groups")}, {"dilations", a.ints("dilations")}})});
}

Result<Values> decompose_fused_conv(Graph& graph, const Node& node) {
  Emit e(graph, node);
  Attrs attrs;
  for (const char* name : {"strides", "pads_begin", "pads_end", "dilations"}) attrs.set(name, e.attrs().ints(name));
  attrs.set("groups", e.attrs().i("groups"));
  ValueId y = e.op("conv", {e.in(0), e.in(1), e.in(2)}, std::move(attrs));
  if (e.has(3)) y = e.add(y, e.in(3));
  return e.done({e.activate(y)});
}

}  // namespace rlx::ops
