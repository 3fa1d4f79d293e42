// Shape ops out of slice, reshape, expand, gather and concat.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

#include <algorithm>

namespace rlx::ops {
namespace {

// Which element of an axis of size n stands at position p, which may lie outside [0, n).
int64_t source_position(std::string_view mode, int64_t p, int64_t n) {
  if (mode == "edge") return std::clamp<int64_t>(p, 0, n - 1);
  if (mode == "wrap") return ((p % n) + n) % n;
  // reflect: pads are smaller than n, so one reflection is enough
  if (p < 0) return -p;
  return p < n ? p : 2 * (n - 1) - p;
}

ValueId pad_axis(Emit& e, ValueId x, size_t axis, int64_t begin, int64_t end) {
  const std::string& mode = e.attrs().str("mode");
  const Shape shape = e.shape(x);
  std::vector<int64_t> positions;
  for (int64_t p = -begin; p < shape[axis] + end; ++p) positions.push_back(source_position(mode, p, shape[axis]));
  const ValueId indices = e.constant({static_cast<int64_t>(positions.size())}, positions);
  return e.op("gather", {x, indices}, {{"axis", static_cast<int64_t>(axis)}});
}

ValueId pad_axis_with(Emit& e, ValueId x, size_t axis, int64_t begin, int64_t end, ValueId value) {
  Values parts;
  const auto add_block = [&](int64_t size) {
    if (size == 0) return;
    Shape shape = e.shape(x);
    shape[axis] = size;
    parts.push_back(e.expand(value, shape.dims()));
  };
  add_block(begin);
  parts.push_back(x);
  add_block(end);
  return e.concat(parts, axis);
}

}  // namespace

Result<Values> decompose_narrow(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const int64_t start = e.attrs().i("start");
  return e.done({e.slice(e.in(0), static_cast<size_t>(e.attrs().i("axis")), start, start + e.attrs().i("len"))});
}

Result<Values> decompose_reverse(Graph& graph, const Node& node) {
  Emit e(graph, node);
  ValueId x = e.in(0);
  for (const int64_t axis : e.attrs().ints("axes")) {
    const auto i = static_cast<size_t>(axis);
    x = e.slice(x, i, e.shape(x)[i] - 1, -1, -1);
  }
  return e.done({x});
}

// One axis at a time, so that a tensor of the highest rank needs no ninth axis.
Result<Values> decompose_tile(Graph& graph, const Node& node) {
  Emit e(graph, node);
  ValueId x = e.in(0);
  const std::vector<int64_t>& repeats = e.attrs().ints("repeats");
  for (size_t axis = 0; axis < repeats.size(); ++axis) {
    if (repeats[axis] == 1) continue;
    Shape shape = e.shape(x);
    const int64_t before = product(shape, 0, axis), after = product(shape, axis + 1, shape.rank());
    x = e.reshape(x, {before, 1, shape[axis], after});
    x = e.expand(x, {before, repeats[axis], shape[axis], after});
    shape[axis] *= repeats[axis];
    x = e.reshape(x, shape.dims());
  }
  return e.done({x});
}

Result<Values> decompose_pad(Graph& graph, const Node& node) {
  Emit e(graph, node);
  ValueId x = e.in(0);
  const std::vector<int64_t>&begins = e.attrs().ints("begins"), &ends = e.attrs().ints("ends");
  const bool constant = e.attrs().str("mode") == "constant";
  const ValueId value = !constant ? kNoValue : e.has(1) ? e.in(1) : e.like(x, e.attrs().f("value"));
  for (size_t axis = 0; axis < begins.size(); ++axis) {
    if (begins[axis] == 0 && ends[axis] == 0) continue;
    x = constant ? pad_axis_with(e, x, axis, begins[axis], ends[axis], value)
                 : pad_axis(e, x, axis, begins[axis], ends[axis]);
  }
  return e.done({x});
}

}  // namespace rlx::ops
