// Softmax and cross entropy out of reductions and elementwise steps, in f32 at least.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

namespace rlx::ops {
namespace {

// x minus its largest value along the axis: the exponentials then are at most 1.
ValueId shifted(Emit& e, ValueId x, int64_t axis) {
  return e.sub(x, e.reduce("max", x, {axis}));
}

ValueId softmax(Emit& e, ValueId x, int64_t axis) {
  const ValueId exponentials = e.unary("exp", shifted(e, x, axis));
  return e.div(exponentials, e.reduce("sum", exponentials, {axis}));
}

// Which rows count, and per row the label to look up: 0 where it is ignored. A negative label becomes one past the last
// class: labels are not indices that count from the end, and the lookup reports it.
struct Labels {
  ValueId counted, safe;
};

Labels labels_of(Emit& e) {
  const ValueId labels = e.in(1), zero = e.like(labels, 0);
  const Shape logits = e.shape(e.in(0));
  const ValueId ignore = e.cast(e.integer(e.attrs().i("ignore_index")), e.dtype(labels));
  const ValueId counted = e.compare("ne", labels, ignore);
  const ValueId beyond = e.like(labels, static_cast<double>(logits[1]));
  const ValueId checked = e.where(e.compare("lt", labels, zero), beyond, labels);
  return {counted, e.reshape(e.where(counted, checked, zero), {logits[0], 1})};
}

// The number of rows that count, as a scalar of the given dtype.
ValueId counted_rows(Emit& e, ValueId counted, DType dtype) {
  return e.cast(e.reduce("sum", e.cast(counted, DType::kI64), {0}, false), dtype);
}

}  // namespace

Result<Values> decompose_softmax(Graph& graph, const Node& node) {
  Emit e(graph, node);
  return e.done({e.cast(softmax(e, e.widen(e.in(0)), e.attrs().i("axis")), e.dtype(e.in(0)))});
}

Result<Values> decompose_log_softmax(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const int64_t axis = e.attrs().i("axis");
  const ValueId x = shifted(e, e.widen(e.in(0)), axis);
  const ValueId y = e.sub(x, e.unary("log", e.reduce("sum", e.unary("exp", x), {axis})));
  return e.done({e.cast(y, e.dtype(e.in(0)))});
}

Result<Values> decompose_cross_entropy(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Labels labels = labels_of(e);
  const int64_t rows = e.shape(e.in(0))[0];
  const ValueId log_p = e.op("log_softmax", {e.widen(e.in(0))}, {{"axis", int64_t{1}}});
  const ValueId picked = e.op("gather_elements", {log_p, labels.safe}, {{"axis", int64_t{1}}});
  const ValueId losses = e.unary("neg", e.reshape(picked, {rows}));
  ValueId loss = e.where(labels.counted, losses, e.like(losses, 0));
  const std::string& reduction = e.attrs().str("reduction");
  if (reduction != "none") loss = e.reduce("sum", loss, {0}, false);
  if (reduction == "mean") loss = e.div(loss, counted_rows(e, labels.counted, e.dtype(loss)));
  return e.done({e.cast(loss, e.dtype(e.in(0)))});
}

// (softmax − one-hot)·dy in the rows that count, and zero in the others
Result<Values> decompose_cross_entropy_backward(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Labels labels = labels_of(e);
  const int64_t rows = e.shape(e.in(0))[0], classes = e.shape(e.in(0))[1];
  const ValueId p = softmax(e, e.widen(e.in(0)), 1);
  const ValueId zeros = e.expand(e.like(p, 0), {rows, classes}), ones = e.expand(e.like(p, 1), {rows, 1});
  const ValueId hot = e.op("scatter_elements", {zeros, labels.safe, ones}, {{"axis", int64_t{1}}});
  ValueId dy = e.widen(e.in(2));
  const std::string& reduction = e.attrs().str("reduction");
  if (reduction == "none") dy = e.reshape(dy, {rows, 1});
  if (reduction == "mean") dy = e.div(dy, counted_rows(e, labels.counted, e.dtype(dy)));
  const ValueId gradient = e.mul(e.sub(p, hot), dy);
  const ValueId kept = e.where(e.reshape(labels.counted, {rows, 1}), gradient, e.like(gradient, 0));
  return e.done({e.cast(kept, e.dtype(e.in(0)))});
}

}  // namespace rlx::ops
