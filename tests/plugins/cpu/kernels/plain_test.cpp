// The row-major fallbacks: pools with indices and odd windows, convolutions and products of other dtypes.
#include "kernels/expect.hpp"

#include <algorithm>
#include <numeric>

namespace {

using namespace tests;
using Ints = std::vector<int64_t>;

OneNode make_pool(const char* kind, Ints kernel, Ints strides, Ints begins, Ints ends, Ints dilations, bool include,
                  int64_t p = 2, bool by_column = false) {
  return OneNode("pool", {{"kind", std::string(kind)},
                          {"kernel", kernel},
                          {"strides", strides},
                          {"pads_begin", begins},
                          {"pads_end", ends},
                          {"dilations", dilations},
                          {"count_include_pad", int64_t{include}},
                          {"ceil_mode", int64_t{0}},
                          {"p", p},
                          {"column_major", int64_t{by_column}}});
}

TEST_CASE("max pool tells where its maxima are", "[cpu]") {
  Values x(25);
  std::iota(x.begin(), x.end(), 1.0);
  OneNode rows = make_pool("max", {2, 2}, {2, 2}, {0, 0}, {0, 0}, {1, 1}, false);
  rows.in({1, 1, 5, 5}, x).out({1, 1, 2, 2}).out({1, 1, 2, 2}, RLX_DTYPE_I64);
  REQUIRE(rows.run() == Values{7, 9, 17, 19});
  REQUIRE(rows.output(1) == Values{6, 8, 16, 18});
  OneNode columns = make_pool("max", {2, 2}, {2, 2}, {0, 0}, {0, 0}, {1, 1}, false, 2, true);
  columns.in({1, 1, 5, 5}, x).out({1, 1, 2, 2}).out({1, 1, 2, 2}, RLX_DTYPE_I64);
  REQUIRE(columns.run() == Values{7, 9, 17, 19});
  REQUIRE(columns.output(1) == Values{6, 16, 8, 18});
  REQUIRE(make_pool("max", {3, 3}, {1, 1}, {1, 1}, {1, 1}, {2, 2}, false)
              .in({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}, RLX_DTYPE_U8)
              .out({1, 1, 1, 1}, RLX_DTYPE_U8)
              .run() == Values{5});
}

TEST_CASE("mean and lp pools count and weigh what the window sees", "[cpu]") {
  const Values x{1, 2, 3, 4};
  const rlx_dtype dtype = GENERATE(as<rlx_dtype>{}, RLX_DTYPE_F64, RLX_DTYPE_F16);
  REQUIRE(make_pool("mean", {3}, {1}, {1}, {1}, {1}, false).in({1, 1, 4}, x, dtype).out({1, 1, 4}, dtype).run() ==
          Values{1.5, 2, 3, 3.5});
  expect_close(make_pool("mean", {3}, {1}, {1}, {1}, {1}, true).in({1, 1, 4}, x, dtype).out({1, 1, 4}, dtype).run(),
               {1, 2, 3, 7.0 / 3}, 1e-3);
  expect_close(make_pool("lp", {2}, {2}, {0}, {0}, {1}, false, 3).in({1, 1, 4}, x, dtype).out({1, 1, 2}, dtype).run(),
               {std::cbrt(9), std::cbrt(91)}, 1e-3);
}

TEST_CASE("a convolution of f64 equals its formula", "[cpu]") {
  const int64_t groups = GENERATE(1, 2), stride = GENERATE(1, 2), dilation = GENERATE(1, 2);
  const int64_t in = 7, out = (in + 3 - dilation * 2 - 1) / stride + 1;
  const Values x = random_values(4 * 49, seed()), w = random_values(uint64_t(6 * 4 / groups * 9), seed() + 1);
  const Values bias = random_values(6, seed() + 2);
  Values want;
  const int64_t channels = 4 / groups;
  for (int64_t m = 0; m < 6; ++m)
    for (int64_t i = 0; i < out; ++i)
      for (int64_t j = 0; j < out; ++j) {
        double sum = bias[size_t(m)];
        for (int64_t c = 0; c < channels; ++c)
          for (int64_t p = 0; p < 9; ++p) {
            const int64_t row = i * stride - 1 + p / 3 * dilation, column = j * stride - 1 + p % 3 * dilation;
            if (row < 0 || column < 0 || row >= in || column >= in) continue;
            sum += x[size_t(((m / (6 / groups)) * channels + c) * 49 + row * 7 + column)] *
                   w[size_t((m * channels + c) * 9 + p)];
          }
        want.push_back(sum);
      }
  OneNode node("conv", {{"strides", Ints{stride, stride}},
                        {"pads_begin", Ints{1, 1}},
                        {"pads_end", Ints{2, 2}},
                        {"dilations", Ints{dilation, dilation}},
                        {"groups", groups}});
  node.in({1, 4, 7, 7}, x, RLX_DTYPE_F64).in({6, uint64_t(channels), 3, 3}, w, RLX_DTYPE_F64);
  node.in({6}, bias, RLX_DTYPE_F64).out({1, 6, uint64_t(out), uint64_t(out)}, RLX_DTYPE_F64);
  expect_close(node.run(2), want, 1e-12, 1e-12);
}

TEST_CASE("products of f64 and integers broadcast batches and wrap", "[cpu]") {
  const bool trans_a = GENERATE(false, true), trans_b = GENERATE(false, true);
  const rlx_dtype dtype = GENERATE(as<rlx_dtype>{}, RLX_DTYPE_F64, RLX_DTYPE_I32, RLX_DTYPE_I8);
  const uint64_t m = 5, k = 11, n = 300;
  Values a = random_values(3 * m * k, seed()), b = random_values(2 * k * n, seed() + 1);
  for (Values* v : {&a, &b})
    for (double& x : *v) x = std::nearbyint(x * 50);
  Values want;
  for (uint64_t p = 0; p < 2; ++p)
    for (uint64_t q = 0; q < 3; ++q)
      for (uint64_t i = 0; i < m; ++i)
        for (uint64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (uint64_t t = 0; t < k; ++t)
            sum += a[q * m * k + (trans_a ? t * m + i : i * k + t)] * b[p * k * n + (trans_b ? j * k + t : t * n + j)];
          want.push_back(dtype == RLX_DTYPE_I8 ? double(int8_t(int64_t(sum))) : sum);
        }
  OneNode node("matmul", {{"trans_a", int64_t{trans_a}}, {"trans_b", int64_t{trans_b}}});
  node.in(trans_a ? Dims{3, k, m} : Dims{3, m, k}, a, dtype);
  node.in(trans_b ? Dims{2, 1, n, k} : Dims{2, 1, k, n}, b, dtype).out({2, 3, m, n}, dtype);
  REQUIRE(node.run(2) == want);
  REQUIRE(OneNode("matmul", {{"trans_a", int64_t{0}}, {"trans_b", int64_t{0}}})
              .in({3}, {1, 2, 3}, dtype)
              .in({3}, {4, 5, 6}, dtype)
              .out({}, dtype)
              .run() == Values{32});
}

}  // namespace
