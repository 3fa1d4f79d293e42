// Matrix products and quantisation: odd sizes around kernel tiles, vectors, broadcast batches, empty inner dims.
#include "../case.hpp"

#include <algorithm>

namespace conformance {
namespace {

using Ints = std::vector<int64_t>;

// The error of a sum grows with its length.
double depth_tolerance(int64_t k) {
  return std::max(2.0, static_cast<double>(k) / 8);
}

struct Product {
  Shape a, b;
  int trans_a = 0, trans_b = 0;
};

const std::vector<Product>& products() {
  static const std::vector<Product> list = {
      {{3, 4}, {4, 5}},
      {{1, 1}, {1, 1}},
      {{17, 33}, {33, 9}},
      {{64, 64}, {64, 64}},
      {{65, 130}, {130, 67}},
      {{4, 3}, {4, 5}, 1, 0},
      {{3, 4}, {5, 4}, 0, 1},
      {{4, 3}, {5, 4}, 1, 1},
      {{7}, {7}},
      {{7}, {7, 3}},
      {{3, 7}, {7}},
      {{2, 3, 7}, {7}},
      {{7}, {2, 7, 3}},
      {{2, 3, 4}, {2, 4, 5}},
      {{2, 3, 4}, {4, 5}},
      {{3, 4}, {2, 4, 5}},
      {{2, 1, 3, 4}, {5, 4, 2}},
      {{2, 1, 4, 3}, {1, 5, 2, 4}, 1, 1},
      {{2, 40, 33}, {2, 20, 40}, 1, 1},
      {{1, 1, 1, 1, 2, 1, 3, 4}, {3, 4, 2}},
      {{3, 0}, {0, 5}},
      {{0, 4}, {4, 5}},
      {{2, 0, 4}, {1, 4, 5}},
      {{0, 2, 3}, {0, 3, 4}},
      {{1, 300}, {300, 70}},
  };
  return list;
}

Attrs transposes(const Product& p) {
  return {attr("trans_a", p.trans_a), attr("trans_b", p.trans_b)};
}

void add_matmuls(CaseList& list) {
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kF64})
    for (const Product& p : products())
      list.add("matmul", {uniform(dtype, p.a), uniform(dtype, p.b)}, transposes(p)).tolerance =
          depth_tolerance(p.a[p.a.rank() - 1]);
  for (const DType dtype : kIntegers)
    list.add("matmul", {integers(dtype, {2, 5, 7}, -20, 20), integers(dtype, {7, 3}, -20, 20)});
  list.add("matmul", {special(DType::kF32, {3, 5}), uniform(DType::kF32, {5, 4})});
}

void add_dots(CaseList& list) {
  const auto dot = [&](DType dtype, Shape a, Shape b, Ints lc, Ints rc, Ints lb, Ints rb) {
    list.add("dot_general", {uniform(dtype, a), uniform(dtype, b)},
             {attr("lhs_contracting", std::move(lc)), attr("rhs_contracting", std::move(rc)),
              attr("lhs_batch", std::move(lb)), attr("rhs_batch", std::move(rb))})
        .tolerance = 3;
  };
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kF64, DType::kI32}) {
    dot(dtype, {3, 4}, {4, 5}, {1}, {0}, {}, {});
    dot(dtype, {2, 3, 4}, {4, 2, 5}, {2}, {0}, {0}, {1});
    dot(dtype, {3, 4, 5}, {5, 4, 2}, {1, 2}, {1, 0}, {}, {});
  }
  dot(DType::kF32, {3}, {4}, {}, {}, {}, {});
  dot(DType::kF32, {2, 3, 4, 5}, {3, 5, 2, 6}, {-1}, {1}, {1, 0}, {0, 2});
  dot(DType::kF32, {3, 4}, {4, 3}, {0, 1}, {1, 0}, {}, {});
}

void add_linears(CaseList& list) {
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16, DType::kF64}) {
    for (const char* layout : {"kn", "nk"}) {
      const Shape w = layout[0] == 'k' ? Shape{33, 17} : Shape{17, 33};
      list.add("linear", {uniform(dtype, {5, 33}), uniform(dtype, w), uniform(dtype, {17})}, {attr("w_layout", layout)})
          .tolerance = 5;
      list.add("linear", {uniform(dtype, {2, 3, 33}), uniform(dtype, w)}, {attr("w_layout", layout)}).tolerance = 5;
    }
  }
  for (const char* activation : {"relu", "gelu", "gelu_tanh", "silu", "sigmoid", "tanh", "hard_swish", "leaky_relu"})
    list.add("linear", {uniform(DType::kF32, {4, 9}), uniform(DType::kF32, {9, 6}), uniform(DType::kF32, {6})},
             {attr("w_layout", "kn"), attr("activation", activation), attr("alpha", 0.1)})
        .tolerance = 4;
  for (const DType dtype : {DType::kF16, DType::kBF16})
    for (const int64_t rows : {2, 9, 40})
      list.add("linear", {uniform(dtype, {rows, 48}), uniform(dtype, {17, 48}), uniform(dtype, {17})},
               {attr("w_layout", "nk"), attr("activation", "gelu")})
          .tolerance = 5;
  list.add("linear", {uniform(DType::kF32, {9}), uniform(DType::kF32, {9, 6}), uniform(DType::kF32, {6})},
           {attr("w_layout", "kn")})
      .tolerance = 3;
  list.add("linear", {uniform(DType::kF32, {0, 9}), uniform(DType::kF32, {9, 6})}, {attr("w_layout", "kn")});
}

void add_quantisation(CaseList& list) {
  for (const DType to : {DType::kU8, DType::kI8, DType::kU16, DType::kI16, DType::kI32}) {
    const double high = to == DType::kU8 || to == DType::kU16 ? 60 : 9;
    list.add("quantize",
             {uniform(DType::kF32, {2, 3, 5}, -40, 40), values(DType::kF32, {}, {0.31}), values(to, {}, {high})},
             {attr("to", to)})
        .integer_slack = 1;
    list.add("quantize", {uniform(DType::kF32, {2, 3, 5}, -40, 40), values(DType::kF32, {3}, {0.31, 0.5, 1})},
             {attr("to", to)})
        .integer_slack = 1;
    list.add("dequantize",
             {extreme(to, {2, 3, 5}), values(DType::kF32, {3}, {0.31, 0.5, 1}), integers(to, {3}, 0, 20)});
    list.add("dequantize", {extreme(to, {7}), values(DType::kF32, {}, {0.25})});
  }
  for (const DType dtype : {DType::kF16, DType::kF64}) {
    list.add("quantize", {uniform(dtype, {4, 6}, -40, 40), values(dtype, {6}, {0.5, 1, 2, 0.25, 4, 1})},
             {attr("axis", -1), attr("to", DType::kI8)})
        .integer_slack = 1;
    list.add("dequantize", {integers(DType::kI8, {4, 6}, -9, 9), values(dtype, {4}, {0.5, 1, 2, 4})},
             {attr("axis", 0)});
  }
  list.add("quantize",
           {values(DType::kF32, {8}, {0.5, 1.5, 2.5, -0.5, -1.5, 1e9, -1e9, 126.5}), values(DType::kF32, {}, {1})},
           {attr("to", DType::kI8)})
      .note = "ties and saturation";
}

}  // namespace

void add_linalg_cases(CaseList& list) {
  add_matmuls(list);
  add_dots(list);
  add_linears(list);
  add_quantisation(list);
}

}  // namespace conformance
