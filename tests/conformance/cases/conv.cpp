// Convolutions of 1 to 3 spatial axes: strides, pads, dilations, groups, odd channel counts, empty batches.
#include "../case.hpp"

namespace conformance {
namespace {

using Ints = std::vector<int64_t>;

constexpr double kConvTolerance = 8;

struct Window {
  Ints strides = {}, begin = {}, end = {}, dilations = {};
  int64_t groups = 1;
};

Attrs window_attrs(const Window& w) {
  Attrs attrs = {attr("groups", w.groups)};
  if (!w.strides.empty()) attrs.set("strides", w.strides);
  if (!w.begin.empty()) attrs.set("pads_begin", w.begin);
  if (!w.end.empty()) attrs.set("pads_end", w.end);
  if (!w.dilations.empty()) attrs.set("dilations", w.dilations);
  return attrs;
}

struct Setup {
  Shape x, w;
  Window window;
};

const std::vector<Setup>& convolutions() {
  static const std::vector<Setup> list = {
      {{1, 1, 5, 5}, {1, 1, 3, 3}, {}},
      {{2, 3, 7, 9}, {5, 3, 3, 3}, {{1, 1}, {1, 1}, {1, 1}}},
      {{2, 3, 8, 8}, {4, 3, 3, 3}, {{2, 2}, {1, 1}, {1, 1}}},
      {{1, 4, 9, 9}, {6, 4, 3, 3}, {{1, 2}, {2, 0}, {1, 1}, {2, 1}}},
      {{2, 8, 6, 6}, {8, 1, 3, 3}, {{1, 1}, {1, 1}, {1, 1}, {1, 1}, 8}},
      {{2, 6, 6, 6}, {4, 3, 1, 1}, {{}, {}, {}, {}, 2}},
      {{2, 5, 4, 6}, {7, 5, 1, 1}, {}},
      {{1, 3, 12, 12}, {16, 3, 7, 7}, {{2, 2}, {3, 3}, {3, 3}}},
      {{2, 3, 11}, {4, 3, 5}, {{2}, {2}, {1}}},
      {{1, 2, 4, 5, 6}, {3, 2, 2, 3, 2}, {{1, 1, 2}, {0, 1, 0}, {0, 1, 1}}},
      {{1, 17, 5, 5}, {19, 17, 3, 3}, {{1, 1}, {1, 1}, {1, 1}}},
      {{0, 3, 5, 5}, {2, 3, 3, 3}, {}},
      {{1, 2, 3, 3}, {2, 2, 5, 5}, {{1, 1}, {1, 1}, {1, 1}}},
      {{3, 7, 12, 9}, {11, 7, 1, 2}, {{1, 1}, {0, 1}, {6, 0}}},  // windows of padding alone
      // More filters and longer sums than a tile of matrix units' has: remainders, groups, dilation, pads, runs of
      // positions that cross rows and images, whole vectors, 1 to 3 axes.
      {{2, 6, 7, 9}, {20, 6, 3, 3}, {{1, 1}, {1, 1}, {1, 1}}},
      {{3, 9, 5, 5}, {70, 9, 2, 3}, {{2, 1}, {1, 0}, {0, 2}, {1, 2}}},
      {{2, 12, 6, 6}, {36, 6, 3, 3}, {{1, 1}, {2, 2}, {2, 2}, {2, 2}, 2}},
      {{2, 40, 4, 8}, {24, 40, 1, 1}, {}},
      {{2, 32, 9, 7}, {17, 32, 1, 1}, {{2, 2}}},
      {{1, 16, 8, 16}, {32, 16, 3, 3}, {{1, 1}, {1, 1}, {1, 1}}},
      {{3, 11, 13}, {18, 11, 4}, {{1}, {3}, {0}}},
      {{2, 5, 3, 4, 5}, {19, 5, 2, 2, 3}, {{1, 2, 1}, {1, 0, 1}, {0, 1, 1}}},
  };
  return list;
}

void add_convs(CaseList& list) {
  for (const Setup& s : convolutions())
    for (const DType dtype : kFloats) {
      const Attrs attrs = window_attrs(s.window);
      list.add("conv", {uniform(dtype, s.x), uniform(dtype, s.w), uniform(dtype, {s.w[0]})}, attrs).tolerance =
          kConvTolerance;
      if (dtype != DType::kF32) continue;
      list.add("conv", {uniform(dtype, s.x), uniform(dtype, s.w)}, attrs).tolerance = kConvTolerance;
      for (const char* activation : {"none", "relu", "silu"}) {
        Attrs fused = attrs;
        fused.set("activation", std::string(activation));
        list.add("fused_conv_bias_act", {uniform(dtype, s.x), uniform(dtype, s.w), uniform(dtype, {s.w[0]})}, fused)
            .tolerance = kConvTolerance;
      }
    }
  for (const DType dtype : {DType::kF32, DType::kF16})
    list.add("fused_conv_bias_act",
             {uniform(dtype, {2, 3, 6, 6}), uniform(dtype, {4, 3, 3, 3}), uniform(dtype, {4}),
              uniform(dtype, {2, 4, 4, 4})},
             {attr("activation", "relu")})
        .tolerance = kConvTolerance;
  list.add("fused_conv_bias_act",
           {uniform(DType::kF32, {2, 3, 6, 6}), uniform(DType::kF32, {4, 3, 3, 3}), absent(),
            uniform(DType::kF32, {2, 4, 4, 4})},
           {attr("activation", "leaky_relu"), attr("alpha", 0.2)})
      .tolerance = kConvTolerance;
  // Groups that fill a tile of a matrix product, and a bit.
  for (const DType dtype : {DType::kF32, DType::kF16})
    list.add("fused_conv_bias_act",
             {uniform(dtype, {2, 32, 5, 7}), uniform(dtype, {34, 16, 3, 3}), uniform(dtype, {34}),
              uniform(dtype, {2, 34, 3, 5})},
             {attr("groups", 2), attr("activation", "leaky_relu"), attr("alpha", 0.2)})
        .tolerance = 2 * kConvTolerance;
}

void add_transposed(CaseList& list) {
  const auto add = [&](Shape x, Shape w, const Window& window, Ints output_padding = {}) {
    Attrs attrs = window_attrs(window);
    if (!output_padding.empty()) attrs.set("output_padding", output_padding);
    const int64_t filters = w[1] * window.groups;
    for (const DType dtype : kFloats)
      list.add("conv_transpose", {uniform(dtype, x), uniform(dtype, w), uniform(dtype, {filters})}, attrs).tolerance =
          kConvTolerance;
    list.add("conv_transpose", {uniform(DType::kF32, x), uniform(DType::kF32, w)}, attrs).tolerance = kConvTolerance;
  };
  add({1, 1, 3, 3}, {1, 1, 3, 3}, {});
  add({2, 3, 4, 5}, {3, 4, 3, 3}, {{2, 2}, {1, 1}, {1, 1}}, {1, 1});
  add({2, 4, 4, 4}, {4, 2, 2, 2}, {{2, 2}});
  add({1, 4, 4, 3}, {4, 3, 3, 2}, {{2, 1}, {0, 1}, {1, 0}, {2, 1}, 2});
  add({2, 3, 7}, {3, 2, 4}, {{3}, {1}, {2}}, {2});
  add({1, 2, 2, 3, 2}, {2, 3, 2, 2, 3}, {{1, 2, 1}, {0, 0, 1}, {0, 1, 1}});
  add({1, 2, 5, 5}, {2, 3, 1, 1}, {{1, 1}, {1, 1}, {1, 1}});
  add({1, 4, 1, 3}, {4, 1, 2, 3}, {{1, 3}, {0, 1}, {2, 1}, {2, 2}}, {1, 2});
}

}  // namespace

void add_conv_cases(CaseList& list) {
  add_convs(list);
  add_transposed(list);
}

}  // namespace conformance
