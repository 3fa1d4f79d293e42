// Complex ops.
#include "../case.hpp"

namespace conformance {

void add_complex_cases(CaseList& list) {
  for (const Shape& shape : {Shape{}, Shape{3, 11}, Shape{0, 2}}) {
    list.add("complex_norm_sq", {uniform(DType::kC64, shape)}).tolerance = 2;
    list.add("complex_norm_sq_backward", {uniform(DType::kC64, shape), uniform(DType::kF32, shape)}).tolerance = 2;
    list.add("conjugate", {uniform(DType::kC64, shape)});
  }
}

}  // namespace conformance
