// Convolutions and pools against values of an independent implementation.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <limits>

using namespace tests;
using Ints = std::vector<int64_t>;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

Attrs window(Ints strides, Ints begins, Ints ends, Ints dilations) {
  return {{"strides", strides}, {"pads_begin", begins}, {"pads_end", ends}, {"dilations", dilations}};
}

Attrs joined(Attrs a, const Attrs& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Value kX = f32({1, 4, 5, 4}, {-1, -3, -2, 0,  -3, -3, -3, 2,  2,  0,  -1, 0, -2, -2, -1, 2, 3,  -3, 1,  1,
                                    2,  3,  -3, -1, -2, -1, 3,  -1, -1, 1,  -2, 0, -1, 2,  -3, 3, -2, 2,  -1, -3,
                                    0,  3,  -3, 0,  -2, 0,  -3, 2,  1,  3,  -2, 2, 3,  1,  1,  3, -3, -3, -2, -1,
                                    1,  2,  -3, -3, 2,  2,  3,  -2, -2, -2, 2,  2, -1, 0,  1,  1, 0,  0,  -3, -3});
const Value kW =
    f32({4, 2, 3, 2}, {-3, -3, -1, -1, 0, -3, 2, 2,  3,  -3, 2, -2, 1,  -2, 1,  -1, -1, 1, 1, -1, -3, 1,  -3, 0,
                       -1, 3,  -3, 1,  0, -2, 2, -2, -3, -3, 2, -3, -3, -2, -2, 1,  -3, 0, 1, -1, -3, -3, 1,  1});
const Value kBias = f32({4}, {1, 1, 0, 0});
const std::vector<double> kY = {18, 10, 0,  30,  -5, 5,  -5, 28, -6, -1, -4, 2,  7,  -11, 16, 10, -19, 1,
                                4,  0,  24, -21, -2, 11, 12, 23, 16, 14, -3, 27, -2, -6,  8,  0,  4,   11};
const Attrs kConv = joined(window({2, 1}, {1, 0}, {2, 1}, {1, 2}), {{"groups", 2}});

const Value kPooled = f32({1, 1, 4, 5}, {-2, 1, -3, 2, 3, 1, -3, -3, -2, 1, 2, 0, -1, 1, 0, 3, -2, 1, -2, 0});

Attrs pool_attrs(const char* kind, Ints kernel, const Attrs& geometry, bool ceil = false, bool padding_counts = false,
                 bool column_major = false, int p = 2) {
  return joined(geometry, {{"kind", kind},
                           {"kernel", kernel},
                           {"ceil_mode", ceil},
                           {"count_include_pad", padding_counts},
                           {"column_major", column_major},
                           {"p", p}});
}

}  // namespace

TEST_CASE("conv with groups, strides, pads and dilations", "[ref]") {
  require_close(run_one("conv", kConv, {kX, kW, kBias}, {kF32, {1, 4, 3, 3}}), kY, 0);
}

TEST_CASE("conv over one and three axes", "[ref]") {
  const Value line = f32({2, 1, 6}, {-3, -3, -1, -1, -2, 0, 2, -1, 1, -2, -1, -1});
  require_close(run_one("conv", joined(window({1}, {1}, {1}, {1}), {{"groups", 1}}),
                        {line, f32({2, 1, 3}, {0, 1, 3, -2, 3, 1})}, {kF32, {2, 2, 6}}),
                {-12, -6, -4, -7, -2, 0, -12, -4, 2, -3, -4, 4, -1, 2, -5, -5, -4, -1, 5, -6, 3, -9, 0, -1}, 0);
  const Value block = f32({1, 1, 2, 3, 2}, {0, -2, -2, 0, -3, 1, 1, 1, -3, 0, 2, 0});
  const Value cube = f32({1, 1, 2, 2, 2}, {-3, 1, -3, -3, 3, 1, 0, 1});
  require_close(run_one("conv", joined(window({1, 1, 1}, {0, 0, 0}, {0, 0, 0}, {1, 1, 1}), {{"groups", 1}}),
                        {block, cube}, {kF32, {1, 1, 1, 2, 1}}),
                {8, 3}, 0);
}

TEST_CASE("integer conv wraps", "[ref]") {
  REQUIRE(ints(run_one("conv", joined(window({1}, {0}, {0}, {1}), {{"groups", 1}}),
                       {integers(kI8, {1, 1, 2}, {100, 100}), integers(kI8, {1, 1, 2}, {1, 1})}, {kI8, {1, 1, 1}})) ==
          Ints{-56});
}

TEST_CASE("fused_conv_bias_act adds the residual before the activation", "[ref]") {
  const Attrs attrs = joined(kConv, {{"activation", "relu"}, {"alpha", 0.0}, {"beta", 0.0}});
  std::vector<double> expected = kY;
  for (double& v : expected) v = v + 2 < 0 ? 0 : v + 2;
  const Value twos = f32({1, 4, 3, 3}, std::vector<double>(36, 2.0));
  require_close(run_one("fused_conv_bias_act", attrs, {kX, kW, kBias, twos}, {kF32, {1, 4, 3, 3}}), expected, 0);
  const Attrs plain = joined(kConv, {{"activation", "none"}, {"alpha", 0.0}, {"beta", 0.0}});
  require_close(run_one("fused_conv_bias_act", plain, {kX, kW, kBias}, {kF32, {1, 4, 3, 3}}), kY, 0);
}

TEST_CASE("conv_transpose with groups, dilations and output padding", "[ref]") {
  const Value x = f32({1, 2, 2, 3}, {-2, -1, -1, 1, 2, 1, -2, -1, -2, -2, -3, 2});
  const Value w = f32({2, 1, 3, 2}, {3, 1, 1, 1, 2, -1, -3, 1, -1, -3, 1, 3});
  const Attrs attrs = joined(window({2, 1}, {1, 0}, {0, 1}, {1, 2}), {{"groups", 2}, {"output_padding", Ints{1, 0}}});
  require_close(run_one("conv_transpose", attrs, {x, w, f32({2}, {1, 3})}, {kF32, {1, 2, 5, 4}}),
                {-1, 0, -2, 0, 0, 5,  5,   4,  2, 3, 3, 3,  3, 5, 2,  -1, 1, 1, 1, 1,
                 5,  4, 11, 6, 7, 11, -13, -3, 5, 6, 7, 12, 1, 0, -1, -6, 3, 3, 3, 3},
                0);
}

TEST_CASE("max pool gives values and flat indices, by row or by column", "[ref]") {
  const Attrs geometry = window({2, 2}, {1, 0}, {1, 0}, {1, 1});
  const auto run = [&](bool column) {
    return run_node("pool", pool_attrs("max", {3, 2}, geometry, false, false, column), {kPooled},
                    {{kF32, {1, 1, 2, 2}}, {kI64, {1, 1, 2, 2}}});
  };
  require_close(run(false)[0], {1, 2, 3, 1}, 0);
  REQUIRE(ints(run(false)[1]) == Ints{1, 3, 15, 13});
  REQUIRE(ints(run(true)[1]) == Ints{4, 12, 3, 14});
  require_close(run_one("pool", pool_attrs("max", {2, 2}, window({2, 2}, {0, 0}, {0, 0}, {1, 2}), true), {kPooled},
                        {kF32, {1, 1, 2, 2}}),
                {1, 3, 3, 1}, 0);
}

TEST_CASE("max pool propagates NaN and takes integers", "[ref]") {
  const Attrs attrs = pool_attrs("max", {2}, window({1}, {0}, {0}, {1}));
  require_close(run_one("pool", attrs, {f32({1, 1, 3}, {1, kNaN, 2})}, {kF32, {1, 1, 2}}), {kNaN, kNaN});
  REQUIRE(ints(run_one("pool", attrs, {integers(kI8, {1, 1, 3}, {-3, -2, -5})}, {kI8, {1, 1, 2}})) == Ints{-2, -2});
}

TEST_CASE("mean pool counts the padding when asked, but not what ceil_mode adds", "[ref]") {
  const Attrs geometry = window({2, 2}, {1, 0}, {1, 1}, {1, 1});
  require_close(run_one("pool", pool_attrs("mean", {3, 2}, geometry, true), {kPooled}, {kF32, {1, 1, 3, 3}}),
                {-0.75, -1.5, 2, 0.166666672, -1, 0.333333343, 0.5, -0.5, 0});
  require_close(run_one("pool", pool_attrs("mean", {3, 2}, geometry, true, true), {kPooled}, {kF32, {1, 1, 3, 3}}),
                {-0.5, -1, 0.666666687, 0.166666672, -1, 0.166666672, 0.25, -0.25, 0});
}

TEST_CASE("lp pool takes the p-th root of summed powers", "[ref]") {
  require_close(
      run_one("pool", pool_attrs("lp", {2, 2}, window({1, 2}, {0, 0}, {0, 0}, {1, 1}), false, false, false, 3),
              {kPooled}, {kF32, {1, 1, 3, 2}}),
      {3.33222198, 4.12128544, 3.30192733, 3.33222198, 3.50339818, 2.22398019}, 1e-5);
}

TEST_CASE("global_pool reduces all spatial axes", "[ref]") {
  const Value x = f32({1, 2, 2, 2}, {1, -2, 3, 2, 0, 0, -3, 4});
  const auto run = [&](const char* kind, int p) {
    return run_one("global_pool", {{"kind", kind}, {"p", p}}, {x}, {kF32, {1, 2, 1, 1}});
  };
  require_close(run("max", 2), {3, 4}, 0);
  require_close(run("mean", 2), {1, 0.25}, 0);
  require_close(run("lp", 1), {8, 7}, 0);
  require_close(run("lp", 2), {4.2426406871, 5});
}
