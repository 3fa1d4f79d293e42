// Matrix products and quantisation out of matmul and elementwise steps.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

#include <algorithm>

namespace rlx::ops {
namespace {

struct SortedAxes {
  Axes batch, free, contracting;
};

SortedAxes sort_axes(const Shape& shape, const Axes& batch, const Axes& contracting) {
  SortedAxes axes{batch, {}, contracting};
  for (const int64_t i : axis_range(0, shape.rank())) {
    const bool used =
        std::count(batch.begin(), batch.end(), i) || std::count(contracting.begin(), contracting.end(), i);
    if (!used) axes.free.push_back(i);
  }
  return axes;
}

int64_t size_of_axes(const Shape& shape, const Axes& axes) {
  int64_t n = 1;
  for (const int64_t axis : axes) n *= shape[static_cast<size_t>(axis)];
  return n;
}

Axes joined(const Axes& a, const Axes& b, const Axes& c) {
  Axes all = a;
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return all;
}

// A scale or zero point that broadcasts against a tensor of the given rank.
ValueId spread(Emit& e, ValueId parameter, size_t rank) {
  if (e.shape(parameter).rank() == 0) return parameter;
  return e.along(parameter, static_cast<size_t>(e.attrs().i("axis")), rank);
}

// Wide enough for every value of the integer.
DType exact_float(DType integer) {
  return size_of(integer) <= 2 ? DType::kF32 : DType::kF64;
}

}  // namespace

Result<Values> decompose_dot_general(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape a = e.shape(e.in(0)), b = e.shape(e.in(1));
  const SortedAxes x = sort_axes(a, e.attrs().ints("lhs_batch"), e.attrs().ints("lhs_contracting"));
  const SortedAxes y = sort_axes(b, e.attrs().ints("rhs_batch"), e.attrs().ints("rhs_contracting"));
  const int64_t batch = size_of_axes(a, x.batch), k = size_of_axes(a, x.contracting);
  const ValueId lhs =
      e.reshape(e.transpose(e.in(0), joined(x.batch, x.free, x.contracting)), {batch, size_of_axes(a, x.free), k});
  const ValueId rhs =
      e.reshape(e.transpose(e.in(1), joined(y.batch, y.contracting, y.free)), {batch, k, size_of_axes(b, y.free)});
  return e.done({e.reshape(e.matmul(lhs, rhs), e.result_types()[0].shape.dims())});
}

Result<Values> decompose_linear(Graph& graph, const Node& node) {
  Emit e(graph, node);
  ValueId y = e.matmul(e.in(0), e.in(1), false, e.attrs().str("w_layout") == "nk" && e.shape(e.in(0)).rank() > 0);
  if (e.has(2)) y = e.add(y, e.in(2));
  return e.done({e.activate(y)});
}

// The final cast saturates.
Result<Values> decompose_quantize(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const size_t rank = e.shape(e.in(0)).rank();
  const DType to = e.attrs().dtype("to");
  ValueId q = e.unary("round", e.div(e.widen(e.in(0)), spread(e, e.widen(e.in(1)), rank)));
  if (e.has(2)) {
    const DType wide = e.dtype(q) == DType::kF64 ? DType::kF64 : exact_float(to);
    q = e.add(e.cast(q, wide), spread(e, e.cast(e.in(2), wide), rank));
  }
  return e.done({e.cast(q, to)});
}

Result<Values> decompose_dequantize(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const size_t rank = e.shape(e.in(0)).rank();
  const ValueId scale = spread(e, e.widen(e.in(1)), rank);
  const DType difference = size_of(e.dtype(e.in(0))) <= 2 ? DType::kI32 : DType::kI64;
  ValueId q = e.in(0);
  if (e.has(2)) q = e.sub(e.cast(q, difference), spread(e, e.cast(e.in(2), difference), rank));
  return e.done({e.cast(e.mul(e.cast(q, e.dtype(scale)), scale), e.dtype(e.in(1)))});
}

}  // namespace rlx::ops
