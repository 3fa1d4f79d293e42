// Pools of 1 to 3 spatial axes: kinds, pads that count or not, ceil mode, dilations, indices in both orders.
#include "../case.hpp"

namespace conformance {
namespace {

using Ints = std::vector<int64_t>;

void add_windows(CaseList& list, const char* kind, DType dtype) {
  const auto x = [&](Shape shape) { return uniform(dtype, shape); };
  const auto pool = [&](Shape shape, Attrs attrs) -> Case& {
    attrs.set("kind", std::string(kind));
    Case& c = list.add("pool", {x(shape)}, std::move(attrs));
    c.tolerance = 4;
    return c;
  };
  pool({2, 3, 6, 7}, {attr("kernel", Ints{2, 2}), attr("strides", Ints{2, 2})});
  pool({2, 3, 7, 7}, {attr("kernel", Ints{3, 3}), attr("strides", Ints{2, 2}), attr("pads_begin", Ints{1, 1}),
                      attr("pads_end", Ints{1, 1})});
  pool({1, 2, 7, 5}, {attr("kernel", Ints{3, 2}), attr("strides", Ints{2, 3}), attr("pads_begin", Ints{1, 0}),
                      attr("pads_end", Ints{0, 1}), attr("ceil_mode", 1)});
  pool({1, 1, 4, 4},
       {attr("kernel", Ints{2, 2}), attr("strides", Ints{3, 3}), attr("pads_end", Ints{1, 1}), attr("ceil_mode", 1)});
  pool({1, 2, 9, 9}, {attr("kernel", Ints{3, 3}), attr("dilations", Ints{2, 3})});
  pool({2, 3, 11}, {attr("kernel", Ints{3}), attr("strides", Ints{2}), attr("pads_begin", Ints{1})});
  pool({1, 2, 4, 5, 6}, {attr("kernel", Ints{2, 3, 2}), attr("strides", Ints{1, 2, 2})});
  pool({0, 2, 4, 4}, {attr("kernel", Ints{2, 2})});
}

}  // namespace

void add_pool_cases(CaseList& list) {
  for (const char* kind : {"max", "mean", "lp"})
    for (const DType dtype : kFloats) add_windows(list, kind, dtype);
  for (const DType dtype : {DType::kI8, DType::kU8, DType::kI32}) add_windows(list, "max", dtype);
  for (const int column_major : {0, 1}) {
    const Attrs padded = {attr("kind", "max"),          attr("kernel", Ints{3, 2}),
                          attr("strides", Ints{2, 2}),  attr("pads_begin", Ints{1, 0}),
                          attr("pads_end", Ints{1, 1}), attr("column_major", column_major)};
    list.add("pool", {shuffled(DType::kF32, {2, 3, 6, 7})}, padded).outputs = 2;
    list.add("pool", {shuffled(DType::kF32, {2, 2, 9})},
             {attr("kind", "max"), attr("kernel", Ints{2}), attr("column_major", column_major)})
        .outputs = 2;
    list.add("pool", {shuffled(DType::kF32, {1, 2, 3, 4, 5})},
             {attr("kind", "max"), attr("kernel", Ints{2, 2, 2}), attr("column_major", column_major)})
        .outputs = 2;
  }
  for (const int ceil_mode : {0, 1})
    list.add("pool", {uniform(DType::kF32, {2, 3, 7, 6})},
             {attr("kind", "mean"), attr("kernel", Ints{3, 3}), attr("strides", Ints{2, 2}),
              attr("pads_begin", Ints{1, 1}), attr("pads_end", Ints{1, 1}), attr("count_include_pad", 1),
              attr("ceil_mode", ceil_mode)})
        .tolerance = 4;
  for (const int p : {1, 2, 3})
    list.add("pool", {uniform(DType::kF32, {2, 3, 7})}, {attr("kind", "lp"), attr("kernel", Ints{3}), attr("p", p)})
        .tolerance = 8;
  list.add("pool", {special(DType::kF32, {1, 1, 40})}, {attr("kind", "max"), attr("kernel", Ints{3})});
  for (const char* kind : {"max", "mean", "lp"})
    for (const DType dtype : kFloats) {
      list.add("global_pool", {uniform(dtype, {2, 5, 7, 3})}, {attr("kind", kind)}).tolerance = 4;
      list.add("global_pool", {uniform(dtype, {2, 3, 9})}, {attr("kind", kind)}).tolerance = 4;
    }
  list.add("global_pool", {uniform(DType::kF32, {2, 3, 2, 3, 4})}, {attr("kind", "lp"), attr("p", 3)}).tolerance = 8;
  list.add("global_pool", {uniform(DType::kF32, {2, 3, 4})}, {attr("kind", "lp"), attr("p", 1)}).tolerance = 4;
}

}  // namespace conformance
