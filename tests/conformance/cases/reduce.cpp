// Reductions and scans: every kind and dtype, any set of axes, empty axes, NaN.
#include "../case.hpp"

namespace conformance {
namespace {

using Ints = std::vector<int64_t>;

Attrs reduction(const char* kind, Ints axes, int keep_dims) {
  return {attr("kind", kind), attr("axes", std::move(axes)), attr("keep_dims", keep_dims)};
}

void add_reductions(CaseList& list) {
  for (const char* kind : {"sum", "mean", "max", "min", "prod", "l1", "l2", "logsumexp", "sum_sq"}) {
    const std::string name = kind;
    const bool floats_only = name == "mean" || name == "l2" || name == "logsumexp";
    const double low = name == "prod" ? 0.7 : -2, high = name == "prod" ? 1.4 : 2;
    for (const DType dtype : kFloats) {
      list.add("reduce", {uniform(dtype, {5, 33}, low, high)}, reduction(kind, {1}, 1)).tolerance = 8;
      list.add("reduce", {uniform(dtype, {3, 4, 5}, low, high)}, reduction(kind, {0, 2}, 0)).tolerance = 8;
    }
    for (const DType dtype : kIntegers)
      if (!floats_only) list.add("reduce", {integers(dtype, {4, 9}, -5, 5)}, reduction(kind, {-1}, 0));
    const auto f32 = [&](Shape shape) { return uniform(DType::kF32, shape, low, high); };
    for (const Ints& axes : {Ints{}, Ints{0}, Ints{1}, Ints{2}, Ints{0, 1}, Ints{1, 2}, Ints{0, 1, 2}, Ints{-1, 0}})
      list.add("reduce", {f32({2, 7, 3})}, reduction(kind, axes, 0)).tolerance = 8;
    list.add("reduce", {f32({})}, reduction(kind, {}, 1)).tolerance = 4;
    list.add("reduce", {f32({2, 1, 3, 1, 2, 2, 1, 3})}, reduction(kind, {1, 3, 5, 7}, 1)).tolerance = 8;
    list.add("reduce", {f32({1, 2053})}, reduction(kind, {1}, 0)).tolerance = name == "prod" ? 1000 : 32;
    // Few and long: rows in parts.
    list.add("reduce", {f32({9000})}, reduction(kind, {0}, 0)).tolerance = name == "prod" ? 3000 : 64;
    list.add("reduce", {f32({700, 3})}, reduction(kind, {0}, 0)).tolerance = name == "prod" ? 1000 : 32;
    list.add("reduce", {f32({0, 3})}, reduction(kind, {1}, 0));
    list.add("reduce", {special(DType::kF32, {4, 16})}, reduction(kind, {1}, 0)).tolerance = 8;
  }
  for (const char* kind : {"sum", "prod", "max", "min", "mean"})
    list.add("reduce", {uniform(DType::kF32, {3, 0})}, reduction(kind, {1}, 0)).note = "empty";
  for (const char* kind : {"sum", "prod", "max", "min"})
    for (const DType dtype : {DType::kI32, DType::kU8})
      list.add("reduce", {uniform(dtype, {3, 0})}, reduction(kind, {1}, 0)).note = "empty";
  for (const char* kind : {"any", "all"}) {
    list.add("reduce", {booleans({5, 3})}, reduction(kind, {1}, 0));
    list.add("reduce", {booleans({4, 3, 2})}, reduction(kind, {0, 2}, 1));
    list.add("reduce", {booleans({9000})}, reduction(kind, {0}, 0));
    list.add("reduce", {booleans({3, 0})}, reduction(kind, {1}, 0));
  }
  list.add("reduce", {extreme(DType::kI64, {3, 5})}, reduction("sum", {1}, 0));
  list.add("reduce", {extreme(DType::kU8, {3, 5})}, reduction("prod", {1}, 0));
}

void add_extremes(CaseList& list) {
  for (const char* kind : {"argmax", "argmin"})
    for (const int last : {0, 1}) {
      for (const DType dtype : kNumbers)
        list.add("arg_reduce", {integers(dtype, {4, 9}, -3, 3)},
                 {attr("kind", kind), attr("axis", 1), attr("last_index", last)});
      list.add("arg_reduce", {integers(DType::kF32, {3, 5, 4}, -3, 3)},
               {attr("kind", kind), attr("axis", -2), attr("keep_dims", 0), attr("last_index", last)});
      list.add("arg_reduce", {special(DType::kF32, {6, 11})},
               {attr("kind", kind), attr("axis", 1), attr("last_index", last)});
      list.add("arg_reduce", {integers(DType::kF32, {2, 3000}, -900, 900)},
               {attr("kind", kind), attr("axis", 1), attr("last_index", last)});
      list.add("arg_reduce", {special(DType::kF32, {1500, 2})},
               {attr("kind", kind), attr("axis", 0), attr("last_index", last)});
    }
  for (const char* kind : {"argmax", "argmin"}) {
    list.add("arg_reduce", {integers(DType::kI64, {9000}, -900, 900)}, {attr("kind", kind), attr("axis", 0)});
    list.add("arg_reduce", {uniform(DType::kBF16, {300, 9})}, {attr("kind", kind), attr("axis", 0)});
  }
  list.add("arg_reduce", {uniform(DType::kF32, {0, 3})}, {attr("kind", "argmax"), attr("axis", 1)});
}

void add_scans(CaseList& list) {
  for (const std::string op : {"cumsum", "cumprod", "cumsum_backward"})
    for (const int exclusive : {0, 1})
      for (const int reverse : {0, 1}) {
        const Attrs attrs = {attr("axis", 1), attr("exclusive", exclusive), attr("reverse", reverse)};
        const double low = op == "cumprod" ? 0.7 : -2, high = op == "cumprod" ? 1.4 : 2;
        for (const DType dtype : {DType::kF32, DType::kF64, DType::kF16})
          list.add(op, {uniform(dtype, {3, 17, 2}, low, high)}, attrs).tolerance = 8;
        for (const DType dtype : {DType::kI32, DType::kI64, DType::kU8})
          list.add(op, {integers(dtype, {3, 7}, -3, 3)}, attrs);
        const double near_one = 1 + 1e-3;
        list.add(op, {uniform(DType::kF32, {2, 3001}, op == "cumprod" ? 1 / near_one : 0, near_one)}, attrs).tolerance =
            500;
        list.add(op, {integers(DType::kI64, {2, 1100, 2}, -3, 3)}, attrs);
      }
  for (const int reverse : {0, 1}) {
    const auto attrs = [&](int axis) { return Attrs{attr("axis", axis), attr("reverse", reverse)}; };
    list.add("cumsum", {uniform(DType::kF32, {2, 9000})}, attrs(1)).tolerance = 64;
    list.add("cumsum", {integers(DType::kI16, {700, 9}, -99, 99)}, attrs(0));
    list.add("cumprod", {extreme(DType::kU32, {9000})}, attrs(0));
  }
  list.add("cumsum", {uniform(DType::kF32, {5})}, {attr("axis", -1)}).tolerance = 4;
  list.add("cumsum", {uniform(DType::kF32, {2, 0})}, {attr("axis", 1)});
}

}  // namespace

void add_reduce_cases(CaseList& list) {
  add_reductions(list);
  add_extremes(list);
  add_scans(list);
}

}  // namespace conformance
