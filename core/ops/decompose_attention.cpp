// attention out of two matrix products and a softmax, in f32 at least. Query heads that share a kv head are stacked
// along the positions, so that k and v are never repeated.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"
#include "ops/heads.hpp"

#include <limits>

namespace rlx::ops {
namespace {

ValueId to_bhsd(Emit& e, ValueId x, HeadLayout layout, int64_t heads) {
  if (layout == HeadLayout::kBhsd) return x;
  const HeadDims d = head_dims(layout, e.shape(x), heads);
  return e.transpose(e.reshape(x, {d.batch, d.positions, d.heads, d.features}), {0, 2, 1, 3});
}

ValueId from_bhsd(Emit& e, ValueId y, HeadLayout layout) {
  if (layout == HeadLayout::kBhsd) return y;
  return e.reshape(e.transpose(y, {0, 2, 1, 3}), e.result_types()[0].shape.dims());
}

// Key j is visible to query i, as a bool [Sq, Sk]; the last query sees the last key.
ValueId causal_mask(Emit& e, int64_t queries, int64_t keys) {
  const ValueId i = e.positions(DType::kI64, queries, 0, 2), j = e.positions(DType::kI64, keys, 1, 2);
  const int64_t shift = keys - queries, window = e.attrs().i("window");
  const ValueId last = e.add(i, e.integer(shift));
  const ValueId visible = e.compare("le", j, last);
  if (e.attrs().str("mask") != "window") return visible;
  const ValueId first = e.sub(last, e.integer(window));
  return e.binary("and", visible, e.compare("gt", j, first));
}

ValueId masked(Emit& e, ValueId scores) {
  const std::string& mask = e.attrs().str("mask");
  if (mask == "none") return scores;
  if (mask == "bias") return e.add(scores, e.widen(e.in(3)));
  const Shape shape = e.shape(scores);
  const ValueId visible = mask == "custom" ? e.in(3) : causal_mask(e, shape[2], shape[3]);
  return e.where(visible, scores, e.like(scores, -std::numeric_limits<double>::infinity()));
}

// Rows of −inf have no largest value to subtract and no sum to divide by.
ValueId softmax_or_zero(Emit& e, ValueId scores) {
  const ValueId zero = e.like(scores, 0), one = e.like(scores, 1);
  const ValueId largest = e.reduce("max", scores, {3});
  const ValueId hidden = e.compare("eq", largest, e.like(scores, -std::numeric_limits<double>::infinity()));
  const ValueId exponentials = e.unary("exp", e.sub(scores, e.where(hidden, zero, largest)));
  const ValueId sum = e.reduce("sum", exponentials, {3});
  return e.div(exponentials, e.where(e.compare("eq", sum, zero), one, sum));
}

bool every_row_sees_a_key(const Attrs& attrs, int64_t queries, int64_t keys) {
  const std::string& mask = attrs.str("mask");
  if (mask == "none") return keys > 0;
  return (mask == "causal" || mask == "window") && keys >= queries && keys > 0;
}

}  // namespace

Result<Values> decompose_attention(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const HeadLayout layout = head_layout(e.attrs());
  const int64_t heads = e.attrs().i("heads"), kv_heads = e.attrs().i("kv_heads");
  const ValueId q = to_bhsd(e, e.widen(e.in(0)), layout, heads);
  const ValueId k = to_bhsd(e, e.widen(e.in(1)), layout, kv_heads);
  const ValueId v = to_bhsd(e, e.widen(e.in(2)), layout, kv_heads);
  const Shape qs = e.shape(q), ks = e.shape(k), vs = e.shape(v);
  const int64_t batch = qs[0], queries = qs[2], keys = ks[2], stacked = heads / kv_heads * queries;

  ValueId scores = e.matmul(e.reshape(q, {batch, kv_heads, stacked, qs[3]}), k, false, true);
  scores = e.reshape(e.mul(scores, e.like(scores, e.attrs().f("scale"))), {batch, heads, queries, keys});
  if (const double softcap = e.attrs().f("softcap"); softcap > 0)
    scores = e.mul(e.unary("tanh", e.div(scores, e.like(scores, softcap))), e.like(scores, softcap));
  scores = masked(e, scores);
  const ValueId p = every_row_sees_a_key(e.attrs(), queries, keys) ? e.op("softmax", {scores}, {{"axis", int64_t{3}}})
                                                                   : softmax_or_zero(e, scores);
  const ValueId y = e.matmul(e.reshape(p, {batch, kv_heads, stacked, keys}), v);
  const ValueId unstacked = e.reshape(y, {batch, heads, queries, vs[3]});
  return e.done({e.cast(from_bhsd(e, unstacked, layout), e.dtype(e.in(0)))});
}

}  // namespace rlx::ops
