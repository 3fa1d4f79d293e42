// Ops that move elements: every element size, rank 0 to 8, zero-sized dims, negative steps.
#include "../case.hpp"

namespace conformance {
namespace {

using Ints = std::vector<int64_t>;

void add_reshapes(CaseList& list) {
  for (const DType dtype : kSizes) {
    list.add("reshape", {uniform(dtype, {4, 6}, 0, 9)}, {attr("shape", Ints{2, -1, 3})});
    list.add("reshape", {uniform(dtype, {2, 3, 4}, 0, 9)}, {attr("shape", Ints{-2, 12})});
  }
  list.add("reshape", {uniform(DType::kF32, {1, 1})}, {attr("shape", Ints{})});
  list.add("reshape", {uniform(DType::kF32, {})}, {attr("shape", Ints{1, 1, 1, 1, 1, 1, 1, 1})});
  list.add("reshape", {uniform(DType::kF32, {0, 3})}, {attr("shape", Ints{3, 0, 7})});
}

void add_transposes(CaseList& list) {
  for (const DType dtype : kSizes) {
    list.add("transpose", {uniform(dtype, {5, 33}, 0, 9)}, {attr("perm", Ints{1, 0})});
    list.add("transpose", {uniform(dtype, {2, 3, 4, 5}, 0, 9)}, {attr("perm", Ints{0, 2, 1, 3})});
  }
  const Shape three = {3, 4, 5};
  for (const Ints& perm : {Ints{0, 1, 2}, Ints{0, 2, 1}, Ints{1, 0, 2}, Ints{1, 2, 0}, Ints{2, 0, 1}, Ints{2, 1, 0}})
    list.add("transpose", {uniform(DType::kF32, three)}, {attr("perm", perm)});
  list.add("transpose", {uniform(DType::kF32, {2, 1, 3, 1, 2, 2, 1, 3})}, {attr("perm", Ints{7, 0, 6, 1, 5, 2, 4, 3})});
  list.add("transpose", {uniform(DType::kF32, {})}, {attr("perm", Ints{})});
  list.add("transpose", {uniform(DType::kF32, {3, 0, 2})}, {attr("perm", Ints{2, 0, 1})});
}

void add_slices(CaseList& list) {
  for (const DType dtype : kSizes) {
    list.add("narrow", {uniform(dtype, {4, 7, 3}, 0, 9)}, {attr("axis", 1), attr("start", 2), attr("len", 4)});
    list.add("slice", {uniform(dtype, {5, 9}, 0, 9)},
             {attr("starts", Ints{1, 8}), attr("ends", Ints{5, -1}), attr("steps", Ints{2, -3})});
  }
  list.add("narrow", {uniform(DType::kF32, {6})}, {attr("axis", -1), attr("start", 6), attr("len", 0)});
  const Shape shape = {6, 7};
  list.add("slice", {uniform(DType::kF32, shape)},
           {attr("starts", Ints{3, 0}), attr("ends", Ints{3, 7}), attr("steps", Ints{1, 1})});
  list.add("slice", {uniform(DType::kF32, shape)},
           {attr("starts", Ints{5, 6}), attr("ends", Ints{-1, -1}), attr("steps", Ints{-1, -1})});
  list.add("slice", {uniform(DType::kF32, shape)},
           {attr("starts", Ints{0, 1}), attr("ends", Ints{INT64_MAX, INT64_MAX}), attr("steps", Ints{5, 4})});
  list.add("slice", {uniform(DType::kF32, {})}, {attr("starts", Ints{}), attr("ends", Ints{}), attr("steps", Ints{})});
  for (const DType dtype : kSizes) list.add("reverse", {uniform(dtype, {3, 5}, 0, 9)}, {attr("axes", Ints{1})});
  list.add("reverse", {uniform(DType::kF32, {3, 1, 4})}, {attr("axes", Ints{0, -1})});
  list.add("reverse", {uniform(DType::kF32, {3, 0})}, {attr("axes", Ints{0, 1})});
  list.add("reverse", {uniform(DType::kF32, {3})}, {attr("axes", Ints{})});
}

void add_joins(CaseList& list) {
  for (const DType dtype : kSizes) {
    list.add("concat",
             {uniform(dtype, {2, 3, 4}, 0, 9), uniform(dtype, {2, 5, 4}, 0, 9), uniform(dtype, {2, 1, 4}, 0, 9)},
             {attr("axis", 1)});
    list.add("expand", {uniform(dtype, {3, 1}, 0, 9)}, {attr("shape", Ints{2, 3, 5})});
    list.add("tile", {uniform(dtype, {2, 3}, 0, 9)}, {attr("repeats", Ints{3, 2})});
  }
  list.add("concat", {uniform(DType::kF32, {3})}, {attr("axis", 0)});
  list.add("concat", {uniform(DType::kF32, {2, 0}), uniform(DType::kF32, {2, 3}), uniform(DType::kF32, {2, 0})},
           {attr("axis", -1)});
  list.add("concat", {uniform(DType::kF32, {1, 2, 1, 1, 2, 1, 1, 3}), uniform(DType::kF32, {1, 2, 1, 1, 2, 1, 1, 1})},
           {attr("axis", 7)});
  list.add("expand", {uniform(DType::kF32, {})}, {attr("shape", Ints{2, 0, 3})});
  list.add("expand", {uniform(DType::kF32, {1, 2, 1})}, {attr("shape", Ints{2, 1, 3, 1, 2, 1, 2, 3})});
  list.add("expand", {uniform(DType::kF32, {4, 1})}, {attr("shape", Ints{-2, 3})});
  list.add("tile", {uniform(DType::kF32, {2, 3})}, {attr("repeats", Ints{0, 2})});
  list.add("tile", {uniform(DType::kF32, {1, 2, 1, 2, 1, 2, 1, 2})}, {attr("repeats", Ints{2, 1, 2, 1, 2, 1, 2, 2})});
}

void add_pads(CaseList& list) {
  for (const char* mode : {"constant", "edge", "reflect", "wrap"}) {
    for (const DType dtype : {DType::kF32, DType::kF16, DType::kI64, DType::kU8, DType::kBool})
      list.add("pad", {uniform(dtype, {4, 5}, 0, 9)},
               {attr("mode", mode), attr("begins", Ints{3, 0}), attr("ends", Ints{1, 4})});
    list.add("pad", {uniform(DType::kF32, {2, 3, 1, 4})},
             {attr("mode", mode), attr("begins", Ints{1, 2, 0, 0}), attr("ends", Ints{0, 2, 0, 3})});
    list.add("pad", {uniform(DType::kF32, {})}, {attr("mode", mode), attr("begins", Ints{}), attr("ends", Ints{})});
  }
  list.add("pad", {uniform(DType::kF32, {2})}, {attr("mode", "wrap"), attr("begins", Ints{5}), attr("ends", Ints{4})});
  list.add("pad", {uniform(DType::kF32, {3})},
           {attr("mode", "constant"), attr("begins", Ints{1}), attr("ends", Ints{2}), attr("value", -1.5)});
  list.add("pad", {uniform(DType::kF32, {3}), values(DType::kF32, {}, {7})},
           {attr("mode", "constant"), attr("begins", Ints{1}), attr("ends", Ints{2})});
  list.add("pad", {uniform(DType::kF32, {0, 2})},
           {attr("mode", "constant"), attr("begins", Ints{1, 0}), attr("ends", Ints{1, 1}), attr("value", 2.0)});
}

}  // namespace

void add_shape_cases(CaseList& list) {
  add_reshapes(list);
  add_transposes(list);
  add_slices(list);
  add_joins(list);
  add_pads(list);
}

}  // namespace conformance
