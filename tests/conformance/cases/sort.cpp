// sort and top_k: ties keep their order, NaN is the largest.
#include "../case.hpp"

namespace conformance {
namespace {

// Rows that a workgroup does not sort at once, and rows of which it sorts several.
void add_sizes(CaseList& list) {
  for (const int64_t size : {1024, 1025, 2048, 5000})
    list.add("sort", {integers(DType::kF32, {2, size}, -40, 40)}, {attr("descending", size % 2 == 0)}).note = "ties";
  list.add("sort", {shuffled(DType::kF32, {1031})});
  list.add("sort", {special(DType::kF32, {2600})}, {attr("descending", 1)});
  list.add("sort", {extreme(DType::kI64, {2, 2600})});
  list.add("sort", {shuffled(DType::kI32, {2, 3000, 2})}, {attr("axis", 1)});
  list.add("sort", {integers(DType::kF16, {300, 7}, -3, 3)});
  list.add("sort", {integers(DType::kI8, {7, 300}, -9, 9)}, {attr("axis", 0), attr("descending", 1)});
  for (const int64_t k : {1, 2, 7, 64, 500, 512, 513, 1500, 4999, 5000})
    list.add("top_k", {integers(DType::kF32, {2, 5000}, -900, 900)}, {attr("k", k), attr("largest", k % 3 != 0)}).note =
        "ties";
  list.add("top_k", {special(DType::kF16, {2, 2600})}, {attr("k", 40)});
  list.add("top_k", {shuffled(DType::kI32, {2, 3000, 2})}, {attr("k", 9), attr("axis", 1), attr("largest", 0)});
  list.add("top_k", {integers(DType::kF32, {300, 20}, -3, 3)}, {attr("k", 3)});
  list.add("top_k", {shuffled(DType::kF32, {3, 1000})}, {attr("k", 1)});
  list.add("top_k", {shuffled(DType::kF32, {100'000})}, {attr("k", 50)});
  // In both widths of a GPU's keys.
  for (const DType dtype : {DType::kF32, DType::kF64, DType::kI16}) {
    list.add("sort", {integers(dtype, {2, 5000}, -900, 900)});
    for (const int k : {50, 1500})
      list.add("top_k", {integers(dtype, {1, 5000, 2}, -900, 900)}, {attr("k", k), attr("axis", 1)});
    list.add("top_k", {integers(dtype, {9500}, -900, 900)}, {attr("k", 33), attr("largest", 0)});
  }
}

}  // namespace

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
  list.add("sort", {uniform(DType::kF32, {3, 0})});
  list.add("sort", {uniform(DType::kF32, {3, 1})});
  list.add("top_k", {uniform(DType::kF32, {3, 4})}, {attr("k", 0)});
  list.add("top_k", {shuffled(DType::kF32, {2, 6})}, {attr("k", 6)});
  add_sizes(list);
}

}  // namespace conformance
