// Softmax and the loss on top of it.
//   softmax: e^(x − max) / Σ e^(x − max) along axis      log_softmax: its logarithm
//   softmax_cross_entropy: −log softmax at the label; rows whose label is ignore_index count 0
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

Result<Types> infer_softmax(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(normalise_axis(c, "axis", c.shape(0)));
  return one(c.dtype(0), c.shape(0));
}

Status check_logits_and_labels(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_dtype(c, 1, is_index, "i32 or i64"));
  RLX_TRY(check_rank(c, 0, 2));
  return check_shape(c, 1, {c.shape(0)[0]}, "labels");
}

Shape loss_shape(const InferContext& c) {
  return c.attrs.str("reduction") == "none" ? Shape{c.shape(0)[0]} : Shape{};
}

Result<Types> infer_cross_entropy(InferContext& c) {
  RLX_TRY(check_logits_and_labels(c));
  return one(c.dtype(0), loss_shape(c));
}

Result<Types> infer_cross_entropy_backward(InferContext& c) {
  RLX_TRY(check_logits_and_labels(c));
  RLX_TRY(check_same_dtype(c, 0, 2));
  RLX_TRY(check_shape(c, 2, loss_shape(c), "dy"));
  return one(c.dtype(0), c.shape(0));
}

std::vector<AttrSpec> loss_attrs() {
  return {int_attr("ignore_index", -100), choice_attr("reduction", {"none", "mean", "sum"}, "mean")};
}

}  // namespace

Family softmax_ops() {
  static const OpSchema schemas[] = {
      {.name = "softmax",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("axis", -1)},
       .infer = infer_softmax,
       .decompose = decompose_softmax},
      {.name = "log_softmax",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("axis", -1)},
       .infer = infer_softmax,
       .decompose = decompose_log_softmax},
      {.name = "softmax_cross_entropy",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = loss_attrs(),
       .infer = infer_cross_entropy,
       .decompose = decompose_cross_entropy},
      {.name = "softmax_cross_entropy_backward",
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .attrs = loss_attrs(),
       .infer = infer_cross_entropy_backward,
       .decompose = decompose_cross_entropy_backward},
  };
  return schemas;
}

}  // namespace rlx::ops
