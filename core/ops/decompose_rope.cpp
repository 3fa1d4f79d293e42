// rope out of slices, products and a concat, in f32 at least.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"
#include "ops/heads.hpp"

namespace rlx::ops {
namespace {

// The table's rows for each position, shaped to broadcast against x [B, H, S, …] or [B, S, H, …].
ValueId rows(Emit& e, size_t table, HeadLayout layout, int64_t positions) {
  const ValueId all = e.widen(e.in(table));
  const ValueId taken =
      e.has(3) ? e.op("gather", {all, e.in(3)}, {{"axis", int64_t{0}}}) : e.slice(all, 0, 0, positions);
  const Shape shape = e.shape(taken);
  const int64_t batch = shape.rank() == 3 ? shape[0] : 1;
  const int64_t width = shape.rank() == 0 ? 0 : shape[shape.rank() - 1];
  if (layout == HeadLayout::kBhsd) return e.reshape(taken, {batch, 1, positions, width});
  return e.reshape(taken, {batch, positions, 1, width});
}

Result<Values> rotate(Graph& graph, const Node& node, bool backward) {
  Emit e(graph, node);
  const HeadLayout layout = head_layout(e.attrs());
  const HeadDims d = head_dims(layout, e.shape(e.in(0)), e.attrs().i("heads"));
  ValueId x = e.widen(e.in(0));
  if (layout == HeadLayout::kBsHd) x = e.reshape(x, {d.batch, d.positions, d.heads, d.features});
  const int64_t rotary = e.attrs().i("rotary_dim"), half = rotary / 2;
  const bool interleaved = e.attrs().str("style") == "interleaved";
  const ValueId x1 = interleaved ? e.slice(x, 3, 0, rotary, 2) : e.slice(x, 3, 0, half);
  const ValueId x2 = interleaved && rotary > 0 ? e.slice(x, 3, 1, rotary, 2) : e.slice(x, 3, half, rotary);
  const ValueId c = rows(e, 1, layout, d.positions);
  ValueId s = rows(e, 2, layout, d.positions);
  if (backward) s = e.unary("neg", s);
  const ValueId y1 = e.sub(e.mul(x1, c), e.mul(x2, s));
  const ValueId y2 = e.add(e.mul(x2, c), e.mul(x1, s));
  const ValueId rest = e.slice(x, 3, rotary, d.features);
  ValueId y;
  if (interleaved) {
    Shape pairs = e.shape(y1);
    pairs.push_back(1);
    const ValueId parts[] = {e.reshape(y1, pairs.dims()), e.reshape(y2, pairs.dims())};
    Shape rotated = e.shape(y1);
    if (rotated.rank() == 4) rotated[3] = rotary;
    const ValueId both[] = {e.reshape(e.concat(parts, 4), rotated.dims()), rest};
    y = e.concat(both, 3);
  } else {
    const ValueId parts[] = {y1, y2, rest};
    y = e.concat(parts, 3);
  }
  return e.done({e.cast(e.reshape(y, e.result_types()[0].shape.dims()), e.dtype(e.in(0)))});
}

}  // namespace

Result<Values> decompose_rope(Graph& graph, const Node& node) {
  return rotate(graph, node, false);
}
Result<Values> decompose_rope_backward(Graph& graph, const Node& node) {
  return rotate(graph, node, true);
}

}  // namespace rlx::ops
