// Gradients of the normalisations; each is exact for its forward op in norm.cpp.
//   with x̂ the normalised x and g = dy·γ:  layer: dx = (g − mean(g) − x̂·mean(g·x̂)) / σ
//                                          rms:   dx = (g − x̂·mean(g·x̂)) / rms
//   dγ = Σ dy·x̂ and dβ = Σ dy over everything but γ's axes
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

// Input i has x's dtype and shape.
Status check_like_x(const InferContext& c, size_t i) {
  RLX_TRY(check_same_dtype(c, 0, i));
  return check_shape(c, i, c.shape(0), "dy");
}

Result<Types> infer_trailing_input(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", c.shape(0)));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_shape(c, 1, Shape(c.shape(0).dims().subspan(axis)), "gamma"));
  RLX_TRY(check_like_x(c, 2));
  return one(c.dtype(0), c.shape(0));
}

// dγ from (x, dy), dβ from (dy).
Result<Types> infer_trailing_weight(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", c.shape(0)));
  if (c.has(1)) RLX_TRY(check_like_x(c, 1));
  return one(c.dtype(0), Shape(c.shape(0).dims().subspan(axis)));
}

Status check_groups(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_rank_between(c, 0, 2, kMaxRank));
  RLX_TRY(check_positive(c, "groups"));
  const int64_t channels = c.shape(0)[1], groups = c.attrs.i("groups");
  if (is_static(channels) && channels % groups != 0)
    return bad(c, "{} channels do not split into {} groups", channels, groups);
  return {};
}

Result<Types> infer_group_input(InferContext& c) {
  RLX_TRY(check_groups(c));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_shape(c, 1, {c.shape(0)[1]}, "gamma"));
  RLX_TRY(check_like_x(c, 2));
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_group_gamma(InferContext& c) {
  RLX_TRY(check_groups(c));
  RLX_TRY(check_like_x(c, 1));
  return one(c.dtype(0), {c.shape(0)[1]});
}

Result<Types> infer_group_beta(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_rank_between(c, 0, 2, kMaxRank));
  return one(c.dtype(0), {c.shape(0)[1]});
}

}  // namespace

Family norm_backward_ops() {
  constexpr double kLayerEps = 1e-5, kRmsEps = 1e-6;
  static const OpSchema schemas[] = {
      {.name = "layer_norm_backward_input",
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .attrs = {int_attr("axis", -1), float_attr("eps", kLayerEps)},
       .infer = infer_trailing_input,
       .decompose = decompose_trailing_norm_backward_input},
      {.name = "layer_norm_backward_gamma",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {int_attr("axis", -1), float_attr("eps", kLayerEps)},
       .infer = infer_trailing_weight,
       .decompose = decompose_trailing_norm_backward_gamma},
      {.name = "layer_norm_backward_beta",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("axis", -1)},
       .infer = infer_trailing_weight,
       .decompose = decompose_trailing_norm_backward_beta},
      {.name = "rms_norm_backward_input",
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .attrs = {int_attr("axis", -1), float_attr("eps", kRmsEps)},
       .infer = infer_trailing_input,
       .decompose = decompose_trailing_norm_backward_input},
      {.name = "rms_norm_backward_gamma",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {int_attr("axis", -1), float_attr("eps", kRmsEps)},
       .infer = infer_trailing_weight,
       .decompose = decompose_trailing_norm_backward_gamma},
      {.name = "rms_norm_backward_beta",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("axis", -1)},
       .infer = infer_trailing_weight,
       .decompose = decompose_trailing_norm_backward_beta},
      {.name = "group_norm_backward_input",
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .attrs = {int_attr("groups"), float_attr("eps", kLayerEps)},
       .infer = infer_group_input,
       .decompose = decompose_group_norm_backward_input},
      {.name = "group_norm_backward_gamma",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {int_attr("groups"), float_attr("eps", kLayerEps)},
       .infer = infer_group_gamma,
       .decompose = decompose_group_norm_backward_gamma},
      {.name = "group_norm_backward_beta",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .infer = infer_group_beta,
       .decompose = decompose_group_norm_backward_beta},
  };
  return schemas;
}

}  // namespace rlx::ops
