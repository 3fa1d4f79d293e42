// Convolutions by the vendor's library, which is the stand-in here: the same results over one to three axes, and own
// kernels wherever the library is not the right one.
#include "plugin/library.hpp"
#include "plugin/stand_in.hpp"

#include "catch.hpp"

#include <algorithm>
#include <array>

using namespace tests;

namespace {

struct Setup {
  const char* name;
  Dims x, w;
  int groups;
  std::vector<int64_t> strides, pads_begin, pads_end, dilations;
};

// Above the limit of convolution/launch.cpp.
const std::vector<Setup>& setups() {
  static const std::vector<Setup> all = {
      {"one axis", {2, 16, 420}, {32, 16, 5}, 1, {1}, {2}, {2}, {1}},
      {"two axes", {1, 16, 34, 40}, {16, 16, 3, 3}, 1, {1, 1}, {1, 1}, {1, 1}, {1, 1}},
      {"groups, stride and dilation", {2, 32, 24, 44}, {64, 8, 3, 5}, 4, {2, 1}, {2, 0}, {2, 0}, {2, 3}},
      {"three axes", {1, 8, 9, 12, 12}, {16, 8, 3, 3, 3}, 1, {1, 1, 1}, {1, 0, 1}, {1, 0, 1}, {1, 1, 1}},
  };
  return all;
}

Attrs attrs_of(const Setup& s) {
  return {{"strides", s.strides},
          {"pads_begin", s.pads_begin},
          {"pads_end", s.pads_end},
          {"dilations", s.dilations},
          {"groups", s.groups}};
}

Dims out_dims(const Setup& s) {
  Dims dims{s.x[0], s.w[0]};
  for (size_t i = 0; i < s.strides.size(); ++i) {
    const auto wide = static_cast<int64_t>(s.x[2 + i]), taps = static_cast<int64_t>(s.w[2 + i]);
    const int64_t room = wide + s.pads_begin[i] + s.pads_end[i] - (taps - 1) * s.dilations[i] - 1;
    dims.push_back(static_cast<uint64_t>(room / s.strides[i] + 1));
  }
  return dims;
}

// Three spatial axes, with missing ones in front.
using Axes = std::array<int64_t, 3>;
template <typename Sizes>
Axes axes_of(const Sizes& sizes, size_t first, int64_t missing) {
  Axes axes{missing, missing, missing};
  for (size_t i = first; i < sizes.size(); ++i) axes[3 - sizes.size() + i] = static_cast<int64_t>(sizes[i]);
  return axes;
}

// Plain loops over outputs, channels and taps.
std::vector<double> convolve(const Setup& s, const std::vector<double>& x, const std::vector<double>& w,
                             const std::vector<double>& bias) {
  const Dims y_dims = out_dims(s);
  const Axes wide = axes_of(s.x, 2, 1), narrow = axes_of(y_dims, 2, 1), taps = axes_of(s.w, 2, 1),
             strides = axes_of(s.strides, 0, 1), pads = axes_of(s.pads_begin, 0, 0),
             dilations = axes_of(s.dilations, 0, 1);
  const auto filters = static_cast<int64_t>(s.w[0]), depth = static_cast<int64_t>(s.w[1]),
             channels = static_cast<int64_t>(s.x[1]);
  const auto walk = [](const Axes& dims, auto&& visit) {
    for (int64_t a = 0; a < dims[0]; ++a)
      for (int64_t b = 0; b < dims[1]; ++b)
        for (int64_t c = 0; c < dims[2]; ++c) visit(Axes{a, b, c});
  };
  std::vector<double> y;
  for (int64_t image = 0; image < static_cast<int64_t>(s.x[0]); ++image)
    for (int64_t filter = 0; filter < filters; ++filter)
      walk(narrow, [&](const Axes& at) {
        double sum = bias.empty() ? 0 : bias[static_cast<size_t>(filter)];
        for (int64_t k = 0; k < depth; ++k) {
          int64_t weight = (filter * depth + k) * taps[0] * taps[1] * taps[2];
          walk(taps, [&](const Axes& tap) {
            int64_t from = image * channels + filter / (filters / s.groups) * depth + k;
            bool inside = true;
            for (size_t i = 0; i < 3; ++i) {
              const int64_t p = at[i] * strides[i] - pads[i] + tap[i] * dilations[i];
              inside = inside && p >= 0 && p < wide[i];
              from = from * wide[i] + p;
            }
            if (inside) sum += x[static_cast<size_t>(from)] * w[static_cast<size_t>(weight)];
            ++weight;
          });
        }
        y.push_back(sum);
      });
  return y;
}

// What ran; the results are compared. relu: as the fused op, which has an activation.
std::vector<std::string> check_convolution(const Setup& s, rlx_dtype dtype, bool has_bias, bool relu = false) {
  Program program;
  const Value x = digits(dtype, s.x, 1), w = digits(dtype, s.w, 2), bias = digits(dtype, {s.w[0]}, 3);
  const uint32_t in = program.input({dtype, s.x}), weights = program.param({dtype, s.w}, "w"),
                 b = has_bias ? program.param({dtype, {s.w[0]}}, "b") : RLX_NO_INDEX,
                 y = program.output({dtype, out_dims(s)});
  Attrs attrs = attrs_of(s);
  if (relu) attrs.emplace_back("activation", "relu");
  program.node(relu ? "fused_conv_bias_act" : "conv", attrs, {in, weights, b}, {y});
  Runner runner(program);
  runner.set_param("w", w);
  if (has_bias) runner.set_param("b", bias);
  runner.finalize();
  runner.write(in, x);
  for (int run = 0; run < 3; ++run) runner.run();  // plainly, captured, replayed
  const std::vector<double> added = has_bias ? numbers(bias) : std::vector<double>();
  std::vector<double> expected = convolve(s, numbers(x), numbers(w), added);
  for (double& v : expected) v = relu ? std::max(v, 0.0) : v;
  require_close(runner.read(y), expected, 0);
  return kernels_of(runner);
}

}  // namespace

TEST_CASE("conv by the library over one to three axes", "[simt]") {
  const auto dtype = GENERATE(kF16, kBF16, kF32, kF64);
  for (const Setup& s : setups()) {
    INFO(s.name);
    // MIOpen adds no bias of bf16, which is for an own kernel then.
    const bool has_bias = s.groups == 1 && dtype != kBF16;
    CHECK(check_convolution(s, dtype, has_bias) == std::vector{by_library("cudnn", "miopen", dtype)});
  }
}

TEST_CASE("an activation follows the library's convolution in a pass of its own", "[simt]") {
  const std::vector<std::string> kernels = check_convolution(setups()[1], kF16, true, true);
  REQUIRE(kernels.size() == 2);
  CHECK(kernels[0] == by_library("cudnn", "miopen", kF16));
  CHECK_THAT(kernels[1], contains_text("elementwise<"));
}

TEST_CASE("paddings that differ and small convolutions are for own kernels", "[simt]") {
  const uint64_t before = convolutions().calls();
  const Setup uneven{"", {1, 16, 30, 30}, {16, 16, 3, 3}, 1, {1, 1}, {1, 1}, {0, 2}, {1, 1}},
      small{"", {1, 4, 8, 8}, {4, 4, 3, 3}, 1, {1, 1}, {1, 1}, {1, 1}, {1, 1}};
  for (const Setup& s : {uneven, small}) CHECK_THAT(check_convolution(s, kF32, false).at(0), contains_text("conv<f32"));
  CHECK(convolutions().calls() == before);
}
