// sort and top_k: ties keep their order, NaN is the largest.
#include "../case.hpp"

namespace conformance {

void add_sort_cases(CaseList& list) {
  for (const int descending : {0, 1}) {
    for (const DType dtype : kNumbers) {
      list.add("sort", {integers(dtype, {4, 19}, -3, 3)}, {attr("descending", descending)}).note = "ties";
      list.add("top_k", {integers(dtype, {4, 19}, -3, 3)}, {attr("k", 5), attr("largest", descending)}).note = "ties";
    }
    for (const DType dtype : {DType::kF32, DType::kF16, DType::kF64}) {
      list.add("sort", {special(dtype, {3, 23})}, {attr("descending", descending)});
      list.add("top_k", {special(dtype, {3, 23})}, {attr("k", 7), attr("largest", descending)});
    }
    list.add("sort", {shuffled(DType::kF32, {3, 5, 4})}, {attr("axis", 1), attr("descending", descending)});
    list.add("sort", {extreme(DType::kU64, {40})}, {attr("descending", descending)});
    list.add("top_k", {shuffled(DType::kF32, {3, 5, 4})}, {attr("k", 2), attr("axis", 0), attr("largest", descending)});
  }
  list.add("sort", {shuffled(DType::kF32, {1031})});
  list.add("sort", {uniform(DType::kF32, {3, 0})});
  list.add("sort", {uniform(DType::kF32, {3, 1})});
  list.add("top_k", {uniform(DType::kF32, {3, 4})}, {attr("k", 0)});
  list.add("top_k", {shuffled(DType::kF32, {2, 6})}, {attr("k", 6)});
}

}  // namespace conformance
