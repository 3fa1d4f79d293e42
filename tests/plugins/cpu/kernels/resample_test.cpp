// resize, quantize, random and complex ops against their formulas.
#include "kernels/expect.hpp"

#include <algorithm>

namespace {

using namespace tests;

OneNode make_resize(const char* mode, const char* coordinates, std::vector<double> scales) {
  return OneNode("resize", {{"mode", std::string(mode)},
                            {"scales", scales},
                            {"coordinate_mode", std::string(coordinates)},
                            {"nearest_mode", std::string("round_prefer_floor")},
                            {"cubic_coeff_a", -0.75},
                            {"exclude_outside", int64_t{0}},
                            {"extrapolation_value", 0.0},
                            {"roi", std::vector<double>{}}});
}

// The numbers are those of ONNX's own Resize tests.
TEST_CASE("resize interpolates as ONNX does", "[cpu]") {
  const Values x{1, 2, 3, 4};
  expect_close(make_resize("linear", "half_pixel", {1, 1, 2, 2}).in({1, 1, 2, 2}, x).out({1, 1, 4, 4}).run(),
               {1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4}, 1e-6);
  expect_close(make_resize("linear", "align_corners", {1, 1, 2, 2}).in({1, 1, 2, 2}, x).out({1, 1, 4, 4}).run(),
               {1, 1.33333333, 1.66666667, 2, 1.66666667, 2, 2.33333333, 2.66666667, 2.33333333, 2.66666667, 3,
                3.33333333, 3, 3.33333333, 3.66666667, 4},
               1e-6);
  REQUIRE(make_resize("nearest", "half_pixel", {1, 1, 2, 3})
              .in({1, 1, 2, 2}, x, RLX_DTYPE_I16)
              .out({1, 1, 4, 6}, RLX_DTYPE_I16)
              .run() == Values{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4});
  Values counted;
  for (int i = 1; i <= 16; ++i) counted.push_back(i);
  const Values first =
      make_resize("cubic", "half_pixel", {1, 1, 2, 2}).in({1, 1, 4, 4}, counted).out({1, 1, 8, 8}).run();
  expect_close(Values(first.begin(), first.begin() + 8),
               {0.47265625, 0.76953125, 1.24609375, 1.875, 2.28125, 2.91015625, 3.38671875, 3.68359375}, 1e-6);
}

TEST_CASE("quantize rounds half to even and saturates, dequantize undoes it", "[cpu]") {
  REQUIRE(OneNode("quantize", {{"axis", int64_t{1}}, {"to", Dtype{RLX_DTYPE_U8}}})
              .in({6}, {0, 2.5, 3.5, 1000, -254, -1000})
              .in({}, {2})
              .in({}, {128}, RLX_DTYPE_U8)
              .out({6}, RLX_DTYPE_U8)
              .run() == Values{128, 129, 130, 255, 1, 0});
  REQUIRE(OneNode("quantize", {{"axis", int64_t{1}}, {"to", Dtype{RLX_DTYPE_I8}}})
              .in({2, 2}, {1, 10, -3, 5})
              .in({2}, {1, 2})
              .out({2, 2}, RLX_DTYPE_I8)
              .run() == Values{1, 5, -3, 2});
  REQUIRE(OneNode("dequantize", {{"axis", int64_t{0}}})
              .in({2, 2}, {1, 2, 3, 4}, RLX_DTYPE_I8)
              .in({2}, {0.5, 2})
              .in({2}, {1, -1}, RLX_DTYPE_I8)
              .out({2, 2})
              .run() == Values{0, 0.5, 8, 10});
}

TEST_CASE("random numbers are those of Philox with the element as counter", "[cpu]") {
  // Philox4x32-10 with counter 0 and key 0 gives 6627e8d5 e169c58d bc57ac4c 9b00dbd8 (Random123's known answers).
  const auto u = [](uint32_t word) { return double(word >> 8) / 16777216; };
  const std::vector<AttrValue> seeds{{"seed", int64_t{0}}, {"key", int64_t{0}}};
  std::vector<AttrValue> attrs = seeds;
  attrs.push_back({"low", 0.0});
  attrs.push_back({"high", 1.0});
  OneNode uniform("random_uniform", attrs);
  const Values got = uniform.out({5}).run();
  expect_close(Values(got.begin(), got.begin() + 4), {u(0x6627e8d5), u(0xe169c58d), u(0xbc57ac4c), u(0x9b00dbd8)},
               1e-7);
  REQUIRE(uniform.run() != got);  // the next run draws others
}

TEST_CASE("random normals have their mean and deviation, dropout keeps its share", "[cpu]") {
  const uint64_t n = 40001;
  OneNode normal("random_normal", {{"seed", int64_t{5}}, {"key", int64_t{9}}, {"mean", 2.0}, {"scale", 3.0}});
  const Values x = normal.out({n}).run(2);
  double mean = 0, var = 0;
  for (double v : x) mean += v / double(n);
  for (double v : x) var += (v - mean) * (v - mean) / double(n);
  REQUIRE(std::fabs(mean - 2) < 0.1);
  REQUIRE(std::fabs(std::sqrt(var) - 3) < 0.1);

  OneNode dropout("dropout", {{"seed", int64_t{5}}, {"key", int64_t{9}}, {"ratio", 0.25}, {"train", int64_t{1}}});
  dropout.in({n}, Values(n, 3)).out({n}).out({n}, RLX_DTYPE_BOOL);
  const Values y = dropout.run(2), mask = dropout.output(1);
  double kept = 0;
  for (uint64_t i = 0; i < n; ++i) {
    REQUIRE(y[i] == (mask[i] != 0 ? 4 : 0));
    kept += mask[i];
  }
  REQUIRE(std::fabs(kept / double(n) - 0.75) < 0.02);
}

}  // namespace
