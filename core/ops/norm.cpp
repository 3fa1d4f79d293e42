// Normalisations. Statistics are biased and at least f32 wide.
//   layer_norm, rms_norm: over axis … end; γ and β have shape x.shape[axis:]
//   group_norm, instance_norm, batch_norm, layer_norm_2d: x is [N, C, …], γ and β are [C]
//   l2_norm: x / max(√Σx², eps), 0/0 = 0     lrn: x / (bias + alpha/size · Σ_window x²)^beta
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

// Inputs first … last of x's dtype and the given shape, where present.
Status check_weights(const InferContext& c, size_t first, size_t last, const Shape& shape) {
  for (size_t i = first; i < last; ++i) {
    if (!c.has(i)) continue;
    RLX_TRY(check_same_dtype(c, 0, i));
    RLX_TRY(check_shape(c, i, shape, fmt::format("input {}", i)));
  }
  return {};
}

Result<Types> infer_trailing_norm(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  const Shape& x = c.shape(0);
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", x));
  RLX_TRY(check_weights(c, 1, 3, Shape(x.dims().subspan(axis))));
  return one(c.dtype(0), x);
}

Result<Types> infer_channel_norm(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_rank_between(c, 0, 2, kMaxRank));
  RLX_TRY(check_weights(c, 1, c.input_count(), {c.shape(0)[1]}));
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_layer_norm_2d(InferContext& c) {
  RLX_TRY(check_rank(c, 0, 4));
  return infer_channel_norm(c);
}

Result<Types> infer_group_norm(InferContext& c) {
  RLX_TRY(check_positive(c, "groups"));
  RLX_TRY(check_rank_between(c, 0, 2, kMaxRank));
  const int64_t channels = c.shape(0)[1], groups = c.attrs.i("groups");
  if (is_static(channels) && channels % groups != 0)
    return bad(c, "{} channels do not split into {} groups", channels, groups);
  return infer_channel_norm(c);
}

Result<Types> infer_l2_norm(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(normalise_axis(c, "axis", c.shape(0)));
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_lrn(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_rank_between(c, 0, 2, kMaxRank));
  RLX_TRY(check_positive(c, "size"));
  return one(c.dtype(0), c.shape(0));
}

}  // namespace

Family norm_ops() {
  static const OpSchema schemas[] = {
      {.name = "layer_norm",
       .min_inputs = 1,
       .max_inputs = 3,
       .required_inputs = 1,
       .attrs = {int_attr("axis", -1), float_attr("eps", 1e-5)},
       .infer = infer_trailing_norm,
       .decompose = decompose_layer_norm},
      {.name = "rms_norm",
       .min_inputs = 1,
       .max_inputs = 3,
       .required_inputs = 1,
       .attrs = {int_attr("axis", -1), float_attr("eps", 1e-6)},
       .infer = infer_trailing_norm,
       .decompose = decompose_rms_norm},
      {.name = "layer_norm_2d",
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .attrs = {float_attr("eps", 1e-6)},
       .infer = infer_layer_norm_2d,
       .decompose = decompose_layer_norm_2d},
      {.name = "group_norm",
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .attrs = {int_attr("groups"), float_attr("eps", 1e-5)},
       .infer = infer_group_norm,
       .decompose = decompose_group_norm},
      {.name = "instance_norm",
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .attrs = {float_attr("eps", 1e-5)},
       .infer = infer_channel_norm,
       .decompose = decompose_instance_norm},
      {.name = "batch_norm",
       .min_inputs = 5,
       .max_inputs = 5,
       .required_inputs = 5,
       .attrs = {float_attr("eps", 1e-5)},
       .infer = infer_channel_norm,
       .decompose = decompose_batch_norm},
      {.name = "l2_norm",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("axis", -1), float_attr("eps", 0)},
       .infer = infer_l2_norm,
       .decompose = decompose_l2_norm},
      {.name = "lrn",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("size"), float_attr("alpha", 1e-4), float_attr("beta", 0.75), float_attr("bias", 1)},
       .infer = infer_lrn,
       .decompose = decompose_lrn},
  };
  return schemas;
}

}  // namespace rlx::ops
