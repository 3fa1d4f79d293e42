// Softmax and cross entropy: every axis, large values, ignored rows.
#include "../case.hpp"

namespace conformance {

void add_softmax_cases(CaseList& list) {
  for (const char* op : {"softmax", "log_softmax"}) {
    for (const DType dtype : kFloats) {
      list.add(op, {uniform(dtype, {3, 37}, -8, 8)}).tolerance = 4;
      list.add(op, {uniform(dtype, {2, 5, 3}, -8, 8)}, {attr("axis", 1)}).tolerance = 4;
      list.add(op, {uniform(dtype, {4, 6}, -8, 8)}, {attr("axis", 0)}).tolerance = 4;
      list.add(op, {uniform(dtype, {2, 9, 75}, -8, 8)}, {attr("axis", 1)}).tolerance = 4;
    }
    list.add(op, {values(DType::kF32, {2, 3}, {1000, 1000, 999, -1000, -1001, -1000})}).tolerance = 4;
    list.add(op, {uniform(DType::kF32, {7, 1})});
    list.add(op, {uniform(DType::kF32, {2, 1031})}).tolerance = 16;
    list.add(op, {uniform(DType::kF32, {0, 4})});
    list.add(op, {uniform(DType::kF32, {4, 0})});
    list.add(op, {uniform(DType::kF32, {1, 2, 1, 3, 1, 2, 1, 4})}, {attr("axis", 3)}).tolerance = 4;
  }
  for (const char* reduction : {"none", "mean", "sum"})
    for (const DType dtype : kFloats) {
      const Attrs attrs = {attr("reduction", reduction)},
                  ignoring = {attr("reduction", reduction), attr("ignore_index", 3)};
      const Shape dy = reduction[0] == 'n' ? Shape{6} : Shape{};
      const Input logits = uniform(dtype, {6, 9}, -4, 4);
      const Input labels = integers(DType::kI64, {6}, 0, 8), some = values(DType::kI32, {6}, {3, 0, 8, 3, 1, 7});
      list.add("softmax_cross_entropy", {logits, labels}, attrs).tolerance = 8;
      list.add("softmax_cross_entropy", {logits, some}, ignoring).tolerance = 8;
      list.add("softmax_cross_entropy_backward", {logits, labels, uniform(dtype, dy)}, attrs).tolerance = 8;
      list.add("softmax_cross_entropy_backward", {logits, some, uniform(dtype, dy)}, ignoring).tolerance = 8;
    }
}

}  // namespace conformance
