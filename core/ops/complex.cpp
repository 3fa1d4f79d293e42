// Complex values (c64: pairs of f32).
//   complex_norm_sq: re² + im²      complex_norm_sq_backward: 2·z·dy      conjugate: re − im·i
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

bool is_complex(DType dtype) {
  return dtype == DType::kC64;
}
bool is_f32(DType dtype) {
  return dtype == DType::kF32;
}

Result<Types> infer_norm_sq(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_complex, "c64"));
  return one(DType::kF32, c.shape(0));
}

Result<Types> infer_norm_sq_backward(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_complex, "c64"));
  RLX_TRY(check_dtype(c, 1, is_f32, "f32"));
  RLX_TRY(check_shape(c, 1, c.shape(0), "dy"));
  return one(DType::kC64, c.shape(0));
}

Result<Types> infer_conjugate(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_complex, "c64"));
  return one(DType::kC64, c.shape(0));
}

}  // namespace

Family complex_ops() {
  static const OpSchema schemas[] = {
      {.name = "complex_norm_sq", .min_inputs = 1, .max_inputs = 1, .required_inputs = 1, .infer = infer_norm_sq},
      {.name = "complex_norm_sq_backward",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .infer = infer_norm_sq_backward},
      {.name = "conjugate", .min_inputs = 1, .max_inputs = 1, .required_inputs = 1, .infer = infer_conjugate},
  };
  return schemas;
}

}  // namespace rlx::ops
