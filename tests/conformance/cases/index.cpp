// Gathers, scatters and what is made from positions: both index dtypes, negative indices, repeated indices.
#include "../case.hpp"

namespace conformance {
namespace {

using Ints = std::vector<int64_t>;

void add_gathers(CaseList& list) {
  for (const DType dtype : kSizes)
    for (const DType index : {DType::kI32, DType::kI64}) {
      list.add("gather", {uniform(dtype, {5, 7}, 0, 9), indices(index, {2, 3}, 5)});
      list.add("gather_elements", {uniform(dtype, {5, 7}, 0, 9), indices(index, {3, 7}, 5)});
      list.add("gather_nd", {uniform(dtype, {5, 5, 3}, 0, 9), indices(index, {4, 2}, 5)});
    }
  list.add("gather", {uniform(DType::kF32, {3, 4, 5}), indices(DType::kI64, {6}, 4)}, {attr("axis", 1)});
  list.add("gather", {uniform(DType::kF32, {3, 4, 5}), indices(DType::kI64, {}, 5)}, {attr("axis", -1)});
  list.add("gather", {uniform(DType::kF32, {3, 4}), indices(DType::kI64, {0}, 3)});
  list.add("gather", {uniform(DType::kF32, {2, 1, 2, 1, 2, 3}), indices(DType::kI32, {2, 1, 2}, 3)}, {attr("axis", 5)});
  list.add("gather_elements", {uniform(DType::kF32, {3, 4, 5}), indices(DType::kI64, {3, 2, 5}, 4)}, {attr("axis", 1)});
  list.add("gather_elements", {uniform(DType::kF32, {4, 3}), indices(DType::kI64, {4, 9}, 3)}, {attr("axis", -1)});
  list.add("gather_nd", {uniform(DType::kF32, {2, 4, 3}), indices(DType::kI64, {2, 5, 1}, 3)}, {attr("batch_dims", 1)});
  list.add("gather_nd", {uniform(DType::kF32, {3, 3, 3}), indices(DType::kI64, {2, 2, 3}, 3)});
  list.add("gather_nd", {uniform(DType::kF32, {3, 4}), indices(DType::kI64, {2, 0}, 3)});
}

void add_gather_gradients(CaseList& list) {
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kF64, DType::kI32}) {
    list.add("gather_backward", {integers(dtype, {2, 3, 4}, -4, 4), indices(DType::kI64, {2, 3}, 5)}, {attr("dim", 5)});
    list.add("scatter_add", {integers(dtype, {9, 4}, -4, 4), indices(DType::kI32, {9}, 5)}, {attr("out_dim", 5)});
  }
  list.add("gather_backward", {uniform(DType::kF32, {3, 6, 5}), indices(DType::kI32, {6}, 4)},
           {attr("axis", 1), attr("dim", 4)});
  list.add("gather_backward", {uniform(DType::kF32, {3, 4}), indices(DType::kI64, {}, 5)},
           {attr("axis", -1), attr("dim", 5)});
  list.add("scatter_add", {uniform(DType::kF32, {0, 3}), indices(DType::kI64, {0}, 1)}, {attr("out_dim", 4)});
  list.add("scatter_add", {uniform(DType::kF32, {7}), indices(DType::kI64, {7}, 3)}, {attr("out_dim", 3)});
}

void add_scatters(CaseList& list) {
  // Without a reduction an index may appear once only: the order of writes is not part of the op.
  for (const DType dtype : kSizes) {
    list.add("scatter_elements", {uniform(dtype, {5, 3}, 0, 9), values(DType::kI64, {2, 3}, {0, -1, 2, 3, 0, -2}),
                                  uniform(dtype, {2, 3}, 0, 9)});
    list.add("scatter_nd",
             {uniform(dtype, {5, 3}, 0, 9), values(DType::kI32, {3, 1}, {4, -4, 2}), uniform(dtype, {3, 3}, 0, 9)});
  }
  for (const char* reduction : {"add", "mul", "max", "min"})
    for (const DType dtype : {DType::kF32, DType::kF16, DType::kF64, DType::kI32, DType::kI64, DType::kU8}) {
      list.add("scatter_elements",
               {integers(dtype, {4, 5}, 0, 3), indices(DType::kI64, {4, 7}, 5), integers(dtype, {4, 7}, 0, 3)},
               {attr("axis", 1), attr("reduction", reduction)});
      list.add("scatter_nd",
               {integers(dtype, {3, 3, 2}, 0, 3), indices(DType::kI64, {5, 2}, 3), integers(dtype, {5, 2}, 0, 3)},
               {attr("reduction", reduction)});
    }
  list.add("scatter_nd", {uniform(DType::kF32, {4}), values(DType::kI64, {2, 1}, {3, 0}), uniform(DType::kF32, {2})});
  list.add("scatter_elements", {uniform(DType::kF32, {4}), indices(DType::kI64, {0}, 4), uniform(DType::kF32, {0})});
}

void add_positions(CaseList& list) {
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kI64, DType::kU8, DType::kBool})
    list.add("one_hot", {values(DType::kI64, {5}, {0, 3, -1, 4, -9}), values(dtype, {2}, {0, 1})}, {attr("depth", 4)});
  list.add("one_hot", {integers(DType::kI32, {2, 3}, -6, 6), values(DType::kF32, {2}, {-1, 5})},
           {attr("depth", 5), attr("axis", 0)});
  list.add("one_hot", {integers(DType::kI32, {2, 3}, -6, 6), values(DType::kF32, {2}, {-1, 5})},
           {attr("depth", 5), attr("axis", -2)});
  list.add("one_hot", {integers(DType::kI64, {}, 0, 2), values(DType::kF32, {2}, {0, 1})}, {attr("depth", 3)});
  for (const DType dtype : kNumbers) {
    list.add("iota", {}, {attr("shape", Ints{3, 5}), attr("axis", 1), attr("to", dtype)});
    list.add("iota", {},
             {attr("shape", Ints{4, 2}), attr("axis", -2), attr("start", 3.0), attr("step", 2.0), attr("to", dtype)});
  }
  list.add("iota", {}, {attr("shape", Ints{}), attr("start", 2.5), attr("to", DType::kF32)});
  list.add("iota", {}, {attr("shape", Ints{0}), attr("to", DType::kF32)});
  list.add("iota", {}, {attr("shape", Ints{9}), attr("start", 1.0), attr("step", -0.25), attr("to", DType::kF32)});
  for (const int upper : {0, 1})
    for (const int k : {-2, 0, 1, 9})
      list.add("trilu", {uniform(DType::kF32, {2, 4, 5})}, {attr("upper", upper), attr("k", k)});
  for (const DType dtype : kSizes) {
    if (dtype == DType::kC64) continue;
    list.add("trilu", {uniform(dtype, {3, 3}, 0, 9)}, {attr("upper", 1)});
    list.add("non_zero", {integers(dtype, {3, 4, 2}, 0, 1)}, {attr("limit", 24)});
  }
  list.add("non_zero", {integers(DType::kF32, {5, 5}, 0, 1)}, {attr("limit", 7)}).note = "fewer columns than values";
  list.add("non_zero", {integers(DType::kF32, {3}, 0, 1)}, {attr("limit", 9)}).note = "more columns than elements";
  list.add("non_zero", {values(DType::kF32, {}, {3})}, {attr("limit", 2)});
  list.add("non_zero", {uniform(DType::kF32, {0, 2})}, {attr("limit", 3)});
}

}  // namespace

void add_index_cases(CaseList& list) {
  add_gathers(list);
  add_gather_gradients(list);
  add_scatters(list);
  add_positions(list);
}

}  // namespace conformance
