// Attention and rotary positions.
//   attention: s = scale·q·kᵀ, softcapped; y = softmax(s + mask)·v; rows without a visible key are zero
//   rope: pairs (x₁, x₂) of the first rotary_dim features become (x₁c − x₂s, x₂c + x₁s)
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/heads.hpp"
#include "ops/spec.hpp"

#include <cmath>

namespace rlx::ops {
namespace {

// Sets an attribute that the shapes determine; an explicit value must agree.
Status settle(InferContext& c, std::string_view name, int64_t from_shape) {
  const int64_t given = c.attrs.i(name, 0);
  if (given < 0) return bad(c, "{} is {}", name, given);
  if (!is_static(from_shape)) return given > 0 ? Status() : Status(bad(c, "{} is missing and not static", name));
  if (given != 0 && given != from_shape) return bad(c, "{} is {}, but the shapes say {}", name, given, from_shape);
  c.attrs.set(name, from_shape);
  return {};
}

struct AttentionDims {
  HeadDims q, k, v;
};

// In bs_hd only the product of heads and features is in the shapes, so one of them has to be given.
Result<AttentionDims> folded_dims(InferContext& c) {
  const Shape &q = c.shape(0), &k = c.shape(1), &v = c.shape(2);
  const int64_t width = q[2];
  if (c.attrs.i("heads") <= 0 && c.attrs.i("head_dim") > 0 && is_static(width))
    c.attrs.set("heads", width / c.attrs.i("head_dim"));
  RLX_TRY(check_positive(c, "heads"));
  const int64_t heads = c.attrs.i("heads");
  if (is_static(width) && width % heads != 0) return bad(c, "{} heads do not divide q {}", heads, text(c, 0));
  RLX_TRY(settle(c, "head_dim", is_static(width) ? width / heads : kUnknownDim));
  const int64_t head_dim = c.attrs.i("head_dim");
  if (head_dim > 0 && is_static(k[2]) && k[2] % head_dim != 0)
    return bad(c, "head_dim {} does not divide k {}", head_dim, text(c, 1));
  if (c.attrs.i("kv_heads") <= 0 && !is_static(k[2])) c.attrs.set("kv_heads", heads);
  RLX_TRY(settle(c, "kv_heads", is_static(k[2]) && head_dim > 0 ? k[2] / head_dim : kUnknownDim));
  if (!may_equal(k[2], v[2])) return bad(c, "k {} and v {} differ in layout bs_hd", text(c, 1), text(c, 2));
  const int64_t kv_heads = c.attrs.i("kv_heads");
  return AttentionDims{
      {q[0], heads, q[1], head_dim}, {k[0], kv_heads, k[1], head_dim}, {v[0], kv_heads, v[1], head_dim}};
}

Result<AttentionDims> attention_dims(InferContext& c) {
  const HeadLayout layout = head_layout(c.attrs);
  for (size_t i = 0; i < 3; ++i) RLX_TRY(check_rank(c, i, rank_of(layout)));
  if (layout == HeadLayout::kBsHd) return folded_dims(c);
  AttentionDims dims{head_dims(layout, c.shape(0), 0), head_dims(layout, c.shape(1), 0),
                     head_dims(layout, c.shape(2), 0)};
  RLX_TRY(settle(c, "heads", dims.q.heads));
  RLX_TRY(settle(c, "kv_heads", dims.k.heads));
  RLX_TRY(settle(c, "head_dim", dims.q.features));
  return dims;
}

Status check_mask(InferContext& c, const AttentionDims& dims) {
  const std::string& mask = c.attrs.str("mask");
  const bool takes_input = mask == "custom" || mask == "bias";
  if (takes_input != c.has(3)) return bad(c, "mask {} {} a mask input", mask, takes_input ? "needs" : "takes no");
  if (mask == "window" ? c.attrs.i("window") < 1 : c.attrs.i("window") != 0)
    return bad(c, "window is {} with mask {}", c.attrs.i("window"), mask);
  if (!takes_input) return {};
  if (mask == "custom") {
    RLX_TRY(check_dtype(c, 3, is_bool, "bool"));
  } else {
    RLX_TRY(check_same_dtype(c, 0, 3));
  }
  const Shape scores = {dims.q.batch, dims.q.heads, dims.q.positions, dims.k.positions};
  const Shape& given = c.shape(3);
  bool fits = given.rank() <= scores.rank();
  for (size_t i = 0; fits && i < given.rank(); ++i)
    fits = given[i] == 1 || may_equal(given[i], scores[scores.rank() - given.rank() + i]);
  if (!fits) return bad(c, "mask {} does not broadcast to {}", text(c, 3), text(c, scores));
  return {};
}

Result<Types> infer_attention(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_same_dtype(c, 0, 2));
  RLX_ASSIGN(const AttentionDims dims, attention_dims(c));
  const auto& [q, k, v] = dims;
  if (!may_equal(q.features, k.features)) return bad(c, "head sizes of q {} and k {} differ", text(c, 0), text(c, 1));
  if (!may_equal(q.batch, k.batch) || !may_equal(k.batch, v.batch))
    return bad(c, "batches of q {}, k {} and v {} differ", text(c, 0), text(c, 1), text(c, 2));
  if (!may_equal(k.heads, v.heads) || !may_equal(k.positions, v.positions))
    return bad(c, "heads or positions of k {} and v {} differ", text(c, 1), text(c, 2));
  const int64_t heads = c.attrs.i("heads"), kv_heads = c.attrs.i("kv_heads");
  if (kv_heads == 0 || heads % kv_heads != 0) return bad(c, "{} heads do not share {} kv heads", heads, kv_heads);
  RLX_TRY(check_mask(c, dims));
  const int64_t head_dim = c.attrs.i("head_dim");
  if (!c.attrs.has("scale")) c.attrs.set("scale", head_dim > 0 ? 1.0 / std::sqrt(static_cast<double>(head_dim)) : 1.0);
  HeadDims y = q;
  y.features = v.features;
  y.batch = merge(q.batch, k.batch);
  return one(c, c.dtype(0), head_shape(head_layout(c.attrs), y));
}

Result<Types> infer_rope(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_same_dtype(c, 0, 2));
  RLX_TRY(check_positive(c, "heads"));
  const HeadLayout layout = head_layout(c.attrs);
  RLX_TRY(check_rank(c, 0, rank_of(layout)));
  const Shape& x = c.shape(0);
  if (layout == HeadLayout::kBsHd && is_static(x[2]) && x[2] % c.attrs.i("heads") != 0)
    return bad(c, "{} heads do not divide x {}", c.attrs.i("heads"), text(c, 0));
  const HeadDims dims = head_dims(layout, x, c.attrs.i("heads"));
  if (layout != HeadLayout::kBsHd && is_static(dims.heads)) c.attrs.set("heads", dims.heads);
  if (c.attrs.i("rotary_dim") == 0 && is_static(dims.features)) c.attrs.set("rotary_dim", dims.features);
  RLX_TRY(check_present(c, "rotary_dim"));
  const int64_t rotary = c.attrs.i("rotary_dim");
  if (rotary < 0 || rotary % 2 != 0 || (is_static(dims.features) && rotary > dims.features))
    return bad(c, "rotary_dim {} is odd or out of range for x {}", rotary, text(c, 0));
  RLX_TRY(check_rank(c, 1, 2));
  const int64_t rows = c.shape(1)[0];
  RLX_TRY(check_shape(c, 1, {rows, rotary / 2}, "cos"));
  RLX_TRY(check_shape(c, 2, {rows, rotary / 2}, "sin"));
  if (c.has(3)) {
    RLX_TRY(check_dtype(c, 3, is_index, "i32 or i64"));
    const Shape shared = {dims.positions}, each = {dims.batch, dims.positions};
    RLX_TRY(check_shape(c, 3, c.shape(3).rank() == 1 ? shared : each, "positions"));
  } else if (is_static(rows) && is_static(dims.positions) && rows < dims.positions) {
    return bad(c, "tables of {} rows do not reach position {}", rows, dims.positions - 1);
  }
  return one(c.dtype(0), x);
}

std::vector<AttrSpec> rope_attrs() {
  return {choice_attr("layout", head_layout_names()), int_attr("heads", 1),
          choice_attr("style", {"half", "interleaved"}), int_attr("rotary_dim")};
}

}  // namespace

Family attention_ops() {
  static const OpSchema schemas[] = {
      {.name = "attention",
       .min_inputs = 3,
       .max_inputs = 4,
       .required_inputs = 3,
       .attrs = {choice_attr("layout", head_layout_names()), int_attr("heads"), int_attr("kv_heads"),
                 int_attr("head_dim"), choice_attr("mask", {"none", "causal", "window", "custom", "bias"}, "none"),
                 int_attr("window", 0), float_attr("scale"), float_attr("softcap", 0)},
       .infer = infer_attention,
       .decompose = decompose_attention},
      {.name = "rope",
       .min_inputs = 3,
       .max_inputs = 4,
       .required_inputs = 3,
       .attrs = rope_attrs(),
       .infer = infer_rope,
       .decompose = decompose_rope},
      {.name = "rope_backward",
       .min_inputs = 3,
       .max_inputs = 4,
       .required_inputs = 3,
       .attrs = rope_attrs(),
       .infer = infer_rope,
       .decompose = decompose_rope_backward},
  };
  return schemas;
}

}  // namespace rlx::ops
