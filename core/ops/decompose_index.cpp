// Index ops out of scatters, comparisons against positions, and sort.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

namespace rlx::ops {
namespace {

// Negative indices count from the end.
ValueId from_the_end(Emit& e, ValueId indices, int64_t size) {
  const ValueId negative = e.compare("lt", indices, e.like(indices, 0));
  return e.where(negative, e.add(indices, e.like(indices, static_cast<double>(size))), indices);
}

ValueId zeros(Emit& e, DType dtype, const Shape& shape) {
  return e.expand(e.scalar(dtype, 0), shape.dims());
}

}  // namespace

// The indices' axes move to the front and become one, so that a scatter_add over rows does the rest.
Result<Values> decompose_gather_backward(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape dy = e.shape(e.in(0)), indices = e.shape(e.in(1));
  const auto axis = static_cast<size_t>(e.attrs().i("axis"));
  const size_t tail = axis + indices.rank();
  Axes perm = axis_range(axis, tail);
  for (const int64_t i : axis_range(0, axis)) perm.push_back(i);
  for (const int64_t i : axis_range(tail, dy.rank())) perm.push_back(i);
  const int64_t count = indices.elements(), before = product(dy, 0, axis), after = product(dy, tail, dy.rank());
  const ValueId rows = e.reshape(e.transpose(e.in(0), perm), {count, before, after});
  const int64_t dim = e.attrs().i("dim");
  const ValueId sums = e.op("scatter_add", {rows, e.reshape(e.in(1), {count})}, {{"out_dim", dim}});
  return e.done({e.reshape(e.transpose(sums, {1, 0, 2}), e.result_types()[0].shape.dims())});
}

Result<Values> decompose_scatter_add(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape shape = e.result_types()[0].shape;
  const ValueId indices = e.reshape(e.in(1), {e.shape(e.in(1))[0], 1});
  const ValueId base = zeros(e, e.dtype(e.in(0)), shape);
  return e.done({e.op("scatter_nd", {base, indices, e.in(0)}, {{"reduction", std::string("add")}})});
}

// An index that equals no position gives a row of off, whether it is too large or too negative.
Result<Values> decompose_one_hot(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const int64_t depth = e.attrs().i("depth");
  const auto axis = static_cast<size_t>(e.attrs().i("axis"));
  const Shape shape = e.result_types()[0].shape;
  Shape spread = e.shape(e.in(0));
  spread.insert(axis, 1);
  const ValueId indices = e.reshape(from_the_end(e, e.in(0), depth), spread.dims());
  const ValueId hit = e.compare("eq", indices, e.positions(e.dtype(indices), depth, axis, shape.rank()));
  const ValueId off = e.reshape(e.slice(e.in(1), 0, 0, 1), Axes{}), on = e.reshape(e.slice(e.in(1), 0, 1, 2), Axes{});
  return e.done({e.where(hit, on, off)});
}

Result<Values> decompose_iota(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const TensorType type = e.result_types()[0];
  const double start = e.attrs().f("start"), step = e.attrs().f("step");
  if (type.shape.rank() == 0) return e.done({e.scalar(type.dtype, start)});
  const auto axis = static_cast<size_t>(e.attrs().i("axis"));
  std::vector<double> values(static_cast<size_t>(type.shape[axis]));
  for (size_t i = 0; i < values.size(); ++i) values[i] = start + step * static_cast<double>(i);
  const ValueId line = e.constant(type.dtype, {type.shape[axis]}, values);
  return e.done({e.expand(e.along(line, axis, type.shape.rank()), type.shape.dims())});
}

// upper keeps j − i ≥ k, lower keeps j − i ≤ k
Result<Values> decompose_trilu(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId x = e.in(0);
  const Shape shape = e.shape(x);
  const size_t rank = shape.rank();
  const ValueId i = e.positions(DType::kI64, shape[rank - 2], 0, 2),
                j = e.positions(DType::kI64, shape[rank - 1], 1, 2);
  const int64_t k = e.attrs().i("k");
  const ValueId offset = e.integer(k);
  const ValueId kept = e.compare(e.attrs().flag("upper") ? "ge" : "le", e.sub(j, i), offset);
  return e.done({e.where(kept, x, e.like(x, 0))});
}

// A stable sort by "is zero" brings the positions of the others to the front, in order.
Result<Values> decompose_non_zero(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape shape = e.shape(e.in(0));
  const int64_t total = shape.elements(), limit = e.attrs().i("limit");
  const ValueId set = e.cast(e.reshape(e.in(0), {total}), DType::kBool);
  const ValueId found = e.reduce("sum", e.cast(set, DType::kI64), {0}, false);
  const ValueId count = e.binary("min", found, e.integer(limit));
  const ValueId is_zero = e.cast(e.unary("not", set), DType::kU8);
  ValueId flat = e.outputs_of("sort", {is_zero}, {{"axis", int64_t{0}}}, 2)[1];
  if (total < limit) flat = e.pad_zeros(flat, {0}, {limit - total});
  flat = e.slice(flat, 0, 0, limit);
  const ValueId used = e.compare("lt", e.positions(DType::kI64, limit, 0, 1), count);
  const auto strides = shape.strides();
  Values rows;
  for (size_t axis = 0; axis < shape.rank() && total > 0; ++axis) {
    const ValueId dim = e.integer(shape[axis]);
    const ValueId stride = e.integer(strides[axis]);
    const ValueId position = e.binary("mod", e.div(flat, stride), dim);
    rows.push_back(e.reshape(e.where(used, position, e.scalar(DType::kI64, 0)), {1, limit}));
  }
  const Shape result = e.result_types()[0].shape;
  return e.done({rows.empty() ? zeros(e, DType::kI64, result) : e.concat(rows, 0), count});
}

}  // namespace rlx::ops
