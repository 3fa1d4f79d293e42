// resize against values of an independent implementation of ONNX Resize-13.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

using namespace tests;
using Ints = std::vector<int64_t>;
using Numbers = std::vector<double>;

namespace {

const Value kSmall = iota(kF32, {1, 1, 2, 3}, 1);
const Value kSquare = iota(kF32, {1, 1, 4, 4}, 1);

struct Options {
  const char* mode = "linear";
  const char* coordinates = "half_pixel";
  const char* nearest = "round_prefer_floor";
  double cubic = -0.75;
  bool exclude = false;
  Numbers scales = {};
  Numbers roi = {};
};

Value resize(const Value& x, uint64_t height, uint64_t width, const Options& o) {
  const double h = static_cast<double>(height), w = static_cast<double>(width);
  const Numbers derived = {1, 1, h / static_cast<double>(x.dims[2]), w / static_cast<double>(x.dims[3])};
  return run_one("resize",
                 {{"mode", o.mode},
                  {"coordinate_mode", o.coordinates},
                  {"nearest_mode", o.nearest},
                  {"sizes", Ints{1, 1, static_cast<int64_t>(height), static_cast<int64_t>(width)}},
                  {"scales", o.scales.empty() ? derived : o.scales},
                  {"cubic_coeff_a", o.cubic},
                  {"exclude_outside", o.exclude},
                  {"extrapolation_value", 10.0},
                  {"roi", o.roi}},
                 {x}, {x.dtype, {1, 1, height, width}});
}

}  // namespace

TEST_CASE("resize nearest in each rounding and coordinate mode", "[ref]") {
  require_close(resize(kSmall, 4, 5, {.mode = "nearest"}), {1, 1, 2, 3, 3, 1, 1, 2, 3, 3, 4, 4, 5, 6, 6, 4, 4, 5, 6, 6},
                0);
  require_close(resize(kSmall, 3, 4, {.mode = "nearest", .coordinates = "asymmetric", .nearest = "floor"}),
                {1, 1, 2, 3, 1, 1, 2, 3, 4, 4, 5, 6}, 0);
  require_close(resize(kSmall, 3, 5, {.mode = "nearest", .coordinates = "align_corners", .nearest = "ceil"}),
                {1, 2, 2, 3, 3, 4, 5, 5, 6, 6, 4, 5, 5, 6, 6}, 0);
  require_close(resize(kSmall, 4, 6, {.mode = "nearest", .nearest = "round_prefer_ceil"}),
                {1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 4, 4, 5, 5, 6, 6}, 0);
}

TEST_CASE("resize nearest keeps 64-bit integers", "[ref]") {
  const int64_t big = (int64_t{1} << 62) + 1;
  REQUIRE(ints(resize(i64({1, 1, 1, 1}, {big}), 1, 2, {.mode = "nearest"})) == Ints{big, big});
}

TEST_CASE("resize linear in each coordinate mode", "[ref]") {
  require_close(resize(kSmall, 3, 6, {}),
                {1, 1.25, 1.75, 2.25, 2.75, 3, 2.5, 2.75, 3.25, 3.75, 4.25, 4.5, 4, 4.25, 4.75, 5.25, 5.75, 6});
  require_close(resize(kSmall, 3, 5, {.coordinates = "align_corners"}),
                {1, 1.5, 2, 2.5, 3, 2.5, 3, 3.5, 4, 4.5, 4, 4.5, 5, 5.5, 6});
  // 3 * 1.4 = 4.2 columns in 4: the picture's middle stays in the middle.
  require_close(resize(kSmall, 1, 4, {.coordinates = "half_pixel_symmetric", .scales = {1, 1, 0.5, 1.4}}),
                {2.5, 2.5 + 0.642857, 2.5 + 1.357143, 4.5}, 1e-5);
  require_close(resize(kSmall, 1, 6, {.coordinates = "pytorch_half_pixel"}), {1, 1.25, 1.75, 2.25, 2.75, 3});
  // The scales are not the quotient of the sizes here.
  require_close(resize(kSmall, 3, 4, {.coordinates = "asymmetric", .scales = {1, 1, 1.5, 1.4}}),
                {1, 1.71428573, 2.42857146, 3, 3, 3.71428585, 4.4285717, 5, 4, 4.71428585, 5.4285717, 6});
}

TEST_CASE("resize crops and extrapolates", "[ref]") {
  const Numbers roi = {0, 0, 0.4, 0.6, 1, 1, 0.6, 1.2};
  require_close(resize(kSquare, 3, 3, {.coordinates = "tf_crop_and_resize", .roi = roi}),
                {7.6, 8.5, 10, 8.8, 9.7, 10, 10, 10.9, 10}, 1e-5);
}

TEST_CASE("resize cubic, with and without taps outside", "[ref]") {
  require_close(resize(kSquare, 3, 5, {.mode = "cubic"}),
                {1.44387984, 2.11538029, 3.00462985, 3.89388013, 4.5653801, 6.93925095, 7.61075163, 8.5, 9.38925171,
                 10.060751, 12.4346247, 13.1061239, 13.9953728, 14.8846245, 15.5561237},
                1e-5);
  require_close(resize(kSquare, 3, 5, {.mode = "cubic", .cubic = -0.5, .exclude = true}),
                {1.36810791, 2.05946255, 2.91137743, 3.76329207, 4.45464659, 6.95672989, 7.64808559, 8.5, 9.35191441,
                 10.0432682, 12.5453529, 13.2367086, 14.088623, 14.9405375, 15.6318932},
                1e-5);
}
