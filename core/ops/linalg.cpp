// Matrix products and quantisation.
//   matmul:      y = op(a) · op(b), batches broadcast, 1-D operands as in numpy
//   dot_general: y = batch dims, free dims of a, free dims of b
//   linear:      y[…, n] = act(Σ_k x[…, k] · w + b[n])
//   quantize:    q = sat(round(x / s) + z)          dequantize: x = (q − z) · s
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/kinds.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

Result<Types> infer_matmul(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_rank_between(c, 0, 1, kMaxRank));
  RLX_TRY(check_rank_between(c, 1, 1, kMaxRank));
  Shape a = c.shape(0), b = c.shape(1);
  const bool trans_a = c.attrs.flag("trans_a"), trans_b = c.attrs.flag("trans_b");
  const bool vector_a = a.rank() == 1, vector_b = b.rank() == 1;
  if ((vector_a && trans_a) || (vector_b && trans_b)) return bad(c, "a vector operand cannot be transposed");
  if (vector_a) a.insert(0, 1);
  if (vector_b) b.push_back(1);
  const size_t ra = a.rank(), rb = b.rank();
  const int64_t m = a[trans_a ? ra - 1 : ra - 2], ka = a[trans_a ? ra - 2 : ra - 1];
  const int64_t kb = b[trans_b ? rb - 1 : rb - 2], n = b[trans_b ? rb - 2 : rb - 1];
  if (!may_equal(ka, kb)) return bad(c, "inner dims of {} and {} differ, {} and {}", text(c, 0), text(c, 1), ka, kb);
  auto batch = broadcast(Shape(a.dims().first(ra - 2)), Shape(b.dims().first(rb - 2)));
  if (!batch) return with_context(std::move(batch).error(), c.schema.name);
  std::vector<int64_t> dims(batch->begin(), batch->end());
  if (!vector_a) dims.push_back(m);
  if (!vector_b) dims.push_back(n);
  return one(c, c.dtype(0), dims);
}

Result<Types> infer_linear(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_rank_between(c, 0, 1, kMaxRank));
  RLX_TRY(check_rank(c, 1, 2));
  Shape shape = c.shape(0);
  const bool kn = c.attrs.str("w_layout") == "kn";
  const int64_t k = c.shape(1)[kn ? 0 : 1], n = c.shape(1)[kn ? 1 : 0];
  if (!may_equal(shape[shape.rank() - 1], k))
    return bad(c, "inner dims of {} and weights {} ({}) differ", text(c, 0), text(c, 1), c.attrs.str("w_layout"));
  if (c.has(2)) {
    RLX_TRY(check_same_dtype(c, 0, 2));
    RLX_TRY(check_shape(c, 2, {n}, "the bias"));
  }
  RLX_TRY(check_activation(c));
  shape[shape.rank() - 1] = n;
  return one(c, c.dtype(0), shape.dims());
}

Status check_axes_pair(InferContext& c, std::string_view lhs, std::string_view rhs) {
  RLX_TRY(normalise_axes(c, lhs, c.shape(0)));
  RLX_TRY(normalise_axes(c, rhs, c.shape(1)));
  const std::vector<int64_t>& a = c.attrs.ints(lhs);
  const std::vector<int64_t>& b = c.attrs.ints(rhs);
  if (a.size() != b.size()) return bad(c, "{} has {} axes, {} has {}", lhs, a.size(), rhs, b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    const int64_t da = c.shape(0)[static_cast<size_t>(a[i])], db = c.shape(1)[static_cast<size_t>(b[i])];
    if (!may_equal(da, db))
      return bad(c, "axis {} of {} and axis {} of {} differ, {} and {}", a[i], text(c, 0), b[i], text(c, 1), da, db);
  }
  return {};
}

// Adds the axes that are neither contracted nor batch; says which axis is both.
Status append_free_dims(InferContext& c, size_t input, std::string_view contracting, std::string_view batch,
                        std::vector<int64_t>& dims) {
  uint32_t used = 0;
  for (const std::string_view name : {contracting, batch}) {
    for (const int64_t axis : c.attrs.ints(name)) {
      if (used >> axis & 1) return bad(c, "axis {} of {} is both batch and contracting", axis, text(c, input));
      used |= 1u << axis;
    }
  }
  for (size_t i = 0; i < c.shape(input).rank(); ++i)
    if (!(used >> i & 1)) dims.push_back(c.shape(input)[i]);
  return {};
}

Result<Types> infer_dot_general(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_axes_pair(c, "lhs_contracting", "rhs_contracting"));
  RLX_TRY(check_axes_pair(c, "lhs_batch", "rhs_batch"));
  std::vector<int64_t> dims;
  const std::vector<int64_t>&batch_a = c.attrs.ints("lhs_batch"), &batch_b = c.attrs.ints("rhs_batch");
  for (size_t i = 0; i < batch_a.size(); ++i)
    dims.push_back(merge(c.shape(0)[static_cast<size_t>(batch_a[i])], c.shape(1)[static_cast<size_t>(batch_b[i])]));
  RLX_TRY(append_free_dims(c, 0, "lhs_contracting", "lhs_batch", dims));
  RLX_TRY(append_free_dims(c, 1, "rhs_contracting", "rhs_batch", dims));
  return one(c, c.dtype(0), dims);
}

// scale and zero point are scalars, or run along the axis.
Status check_scale(InferContext& c) {
  const Shape& x = c.shape(0);
  RLX_TRY(check_dtype(c, 1, is_float, "a float"));
  if (c.shape(1).rank() == 0) {
    // The axis means nothing then; it must still be a legal one for plugins that read it.
    const auto rank = static_cast<int64_t>(x.rank());
    const int64_t axis = c.attrs.i("axis");
    c.attrs.set("axis", axis < -rank || axis >= rank ? int64_t{0} : axis < 0 ? axis + rank : axis);
  } else {
    RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", x));
    RLX_TRY(check_shape(c, 1, {x[axis]}, "scale"));
  }
  if (c.has(2)) RLX_TRY(check_shape(c, 2, c.shape(1), "zero point"));
  return {};
}

Result<Types> infer_quantize(InferContext& c) {
  const DType to = c.attrs.dtype("to");
  if (!is_valid(to) || !is_int(to)) return bad(c, "to is {}, needs an integer", name_of(to));
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_scale(c));
  if (c.has(2) && c.dtype(2) != to)
    return bad(c, "zero point has dtype {}, needs {}", name_of(c.dtype(2)), name_of(to));
  return one(to, c.shape(0));
}

Result<Types> infer_dequantize(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_int, "an integer"));
  RLX_TRY(check_scale(c));
  if (c.has(2)) RLX_TRY(check_same_dtype(c, 0, 2));
  return one(c.dtype(1), c.shape(0));
}

}  // namespace

Family linalg_ops() {
  static const OpSchema schemas[] = {
      {.name = "matmul",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {flag_attr("trans_a", false), flag_attr("trans_b", false)},
       .infer = infer_matmul},
      {.name = "dot_general",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {ints_attr("lhs_contracting"), ints_attr("rhs_contracting"), ints_attr("lhs_batch"),
                 ints_attr("rhs_batch")},
       .infer = infer_dot_general,
       .decompose = decompose_dot_general},
      {.name = "linear",
       .min_inputs = 2,
       .max_inputs = 3,
       .required_inputs = 2,
       .attrs = {choice_attr("w_layout", {"kn", "nk"}), choice_attr("activation", activation_names(), "none"),
                 float_attr("alpha", 0), float_attr("beta", 0)},
       .infer = infer_linear,
       .decompose = decompose_linear},
      {.name = "quantize",
       .min_inputs = 2,
       .max_inputs = 3,
       .required_inputs = 2,
       .attrs = {int_attr("axis", 1), dtype_attr("to", DType::kU8)},
       .infer = infer_quantize,
       .decompose = decompose_quantize},
      {.name = "dequantize",
       .min_inputs = 2,
       .max_inputs = 3,
       .required_inputs = 2,
       .attrs = {int_attr("axis", 1)},
       .infer = infer_dequantize,
       .decompose = decompose_dequantize},
  };
  return schemas;
}

}  // namespace rlx::ops
