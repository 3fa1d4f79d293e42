// The convolutions and pools that stay in row-major order: groups of odd numbers of channels, depthwise windows, and
// what lies between them.
#include "conv_reference.hpp"

#include <limits>

namespace {

using tests::attrs_of;
using tests::ConvShape;
using tests::ProgramBuilder;
using tests::reference;
using tests::require_close;
using tests::Runner;

bool has_kernel(Runner& r, const std::string& name) {
  for (const rlx::cpu::Step& s : r.executable().schedule().steps)
    if (s.kernel->name() == name) return true;
  return false;
}

struct Operands {
  std::vector<float> x, w, bias, residual;
  explicit Operands(const ConvShape& s)
      : x(tests::random_floats(s.n * s.c * s.h * s.w, tests::seed())),
        w(tests::random_floats(s.m * s.c / s.groups * s.k * s.k, tests::seed() + 1)),
        bias(tests::random_floats(s.m, tests::seed() + 2)),
        residual(tests::random_floats(s.n * s.m * s.out(s.h) * s.out(s.w), tests::seed() + 3)) {}
};

// Runs fused_conv_bias_act with a residual that the kernel may write over, and compares.
void check_fused(const ConvShape& s, const std::string& activation, bool with_residual, unsigned threads,
                 const std::string& kernel) {
  const Operands v(s);
  ProgramBuilder b;
  const std::vector<uint64_t> image{s.n, s.m, s.out(s.h), s.out(s.w)};
  const uint32_t x = b.input({s.n, s.c, s.h, s.w}, "x"), other = b.input(image, "r"), sum = b.temporary(image);
  const uint32_t w = b.param({s.m, s.c / s.groups, s.k, s.k}, "w"), bias = b.param({s.m}, "b"), y = b.temporary(image);
  b.node("binary", {other, other}, {sum}, {{"kind", std::string("add")}});
  auto attrs = attrs_of(s);
  attrs.push_back({"activation", activation});
  attrs.push_back({"alpha", 0.0});
  attrs.push_back({"beta", 0.0});
  b.node("fused_conv_bias_act", {x, w, bias, with_residual ? sum : RLX_NO_INDEX}, {y}, attrs);
  b.output(y);
  Runner r(b, threads);
  r.set_param("w", v.w);
  r.set_param("b", v.bias);
  r.write(x, v.x);
  r.write(other, v.residual);
  r.context().run();
  REQUIRE(has_kernel(r, kernel));
  auto want = reference(s, v.x, v.w, v.bias);
  for (size_t i = 0; i < want.size(); ++i) {
    if (with_residual) want[i] += 2 * v.residual[i];
    want[i] = activation == "relu" ? std::max(0.0f, want[i]) : activation == "tanh" ? std::tanh(want[i]) : want[i];
  }
  require_close(r.read(y), want);
}

TEST_CASE("grouped 1x1 convolutions need no blocks of channels", "[cpu]") {
  // Pixels: less than a panel, a panel and one more, many panels; rows: one tile, several; more groups than threads.
  const ConvShape s = GENERATE(ConvShape{1, 12, 7, 7, 12, 1, 4, 1, 0, 1}, ConvShape{2, 21, 7, 7, 51, 1, 3, 1, 0, 1},
                               ConvShape{1, 68, 14, 14, 68, 1, 4, 1, 0, 1}, ConvShape{1, 34, 13, 31, 70, 1, 2, 1, 0, 1},
                               ConvShape{1, 5, 4, 8, 7, 1, 1, 1, 0, 1}, ConvShape{1, 130, 5, 5, 131, 1, 1, 1, 0, 1});
  const std::string activation = GENERATE(std::string("none"), std::string("relu"), std::string("tanh"));
  check_fused(s, activation, GENERATE(false, true), GENERATE(1u, 3u), "hwy:pointwise");
}

TEST_CASE("depthwise convolutions in row-major order have any stride, padding and dilation", "[cpu]") {
  const ConvShape s = GENERATE(ConvShape{1, 13, 7, 7, 13, 3, 13, 1, 1, 1}, ConvShape{2, 5, 14, 14, 5, 3, 5, 2, 1, 1},
                               ConvShape{1, 3, 120, 117, 3, 5, 3, 1, 2, 1}, ConvShape{1, 3, 131, 70, 3, 3, 3, 2, 0, 1},
                               ConvShape{1, 4, 33, 21, 8, 3, 4, 3, 1, 2}, ConvShape{1, 7, 9, 40, 7, 1, 7, 2, 0, 1},
                               ConvShape{1, 3, 2, 2, 3, 7, 3, 1, 3, 1});
  const std::string activation = GENERATE(std::string("none"), std::string("relu"), std::string("tanh"));
  check_fused(s, activation, GENERATE(false, true), GENERATE(1u, 3u), "hwy:depthwise");
}

TEST_CASE("a depthwise window spread far beyond the image takes no memory for what lies between", "[cpu]") {
  const ConvShape s{1, 3, 6, 6, 3, 3, 3, 1, 20000, 20000};
  const Operands v(s);
  ProgramBuilder b;
  const uint32_t x = b.input({1, 3, 6, 6}), w = b.param({3, 1, 3, 3}, "w"), y = b.temporary({1, 3, 6, 6});
  b.node("conv", {x, w}, {y}, attrs_of(s));
  b.output(y);
  Runner r(b);
  r.set_param("w", v.w);
  r.write(x, v.x);
  r.context().run();
  require_close(r.read(y), reference(s, v.x, v.w, {}));
}

TEST_CASE("a changed range of a pointwise parameter is what the next run uses", "[cpu]") {
  const ConvShape s{1, 26, 6, 6, 50, 1, 2, 1, 0, 1};
  Operands v(s);
  ProgramBuilder b;
  const uint32_t x = b.input({1, 26, 6, 6}), w = b.param({50, 13, 1, 1}, "w"), y = b.temporary({1, 50, 6, 6});
  b.node("conv", {x, w}, {y}, attrs_of(s));
  b.output(y);
  Runner r(b);
  r.set_param("w", v.w);
  r.write(x, v.x);
  REQUIRE(r.executable().weights().bytes() == v.w.size() * sizeof(float));
  const std::vector<float> part{3, -2, 5};
  std::copy(part.begin(), part.end(), v.w.begin() + 330);
  r.executable().set_param_range("w", RLX_DTYPE_F32, part.data(), 12, 330);
  r.context().run();
  require_close(r.read(y), reference(s, v.x, v.w, {}));
  REQUIRE(r.executable().weights().bytes() == v.w.size() * sizeof(float));
}

struct PoolShape {
  uint64_t channels, h, w, kernel, stride, pad, dilation;
  uint64_t out(uint64_t in) const { return (in + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1; }
};

std::vector<float> pooled(const PoolShape& s, const std::vector<float>& x, bool max, bool include_pad) {
  std::vector<float> y;
  for (uint64_t c = 0; c < s.channels; ++c)
    for (uint64_t i = 0; i < s.out(s.h); ++i)
      for (uint64_t j = 0; j < s.out(s.w); ++j) {
        double sum = 0, top = -std::numeric_limits<double>::infinity(), count = 0;
        for (uint64_t p = 0; p < s.kernel; ++p)
          for (uint64_t q = 0; q < s.kernel; ++q) {
            const uint64_t row = i * s.stride + p * s.dilation, column = j * s.stride + q * s.dilation;
            if (row < s.pad || column < s.pad || row >= s.h + s.pad || column >= s.w + s.pad) continue;
            const double v = x[(c * s.h + row - s.pad) * s.w + column - s.pad];
            sum += v, top = std::max(top, v), ++count;
          }
        y.push_back(float(max ? top : sum / (include_pad ? double(s.kernel * s.kernel) : count)));
      }
  return y;
}

TEST_CASE("pools in row-major order equal their formula", "[cpu]") {
  const PoolShape s = GENERATE(PoolShape{5, 28, 28, 3, 2, 1, 1}, PoolShape{3, 7, 7, 7, 1, 0, 1},
                               PoolShape{2, 130, 121, 3, 1, 1, 1}, PoolShape{7, 15, 40, 2, 3, 0, 1},
                               PoolShape{2, 21, 20, 3, 1, 2, 2}, PoolShape{2, 6, 6, 3, 1, 9000, 9000});
  const bool max = GENERATE(false, true), include_pad = GENERATE(false, true);
  const auto pair = [](uint64_t v) { return std::vector<int64_t>{int64_t(v), int64_t(v)}; };
  ProgramBuilder b;
  const uint32_t x = b.input({1, s.channels, s.h, s.w}), y = b.temporary({1, s.channels, s.out(s.h), s.out(s.w)});
  b.node("pool", {x}, {y},
         {{"kind", std::string(max ? "max" : "mean")},
          {"kernel", pair(s.kernel)},
          {"strides", pair(s.stride)},
          {"pads_begin", pair(s.pad)},
          {"pads_end", pair(s.pad)},
          {"dilations", pair(s.dilation)},
          {"count_include_pad", int64_t(include_pad)},
          {"p", int64_t(2)},
          {"column_major", int64_t(0)}});
  b.output(y);
  Runner r(b, GENERATE(1u, 3u));
  const auto v = tests::random_floats(s.channels * s.h * s.w, tests::seed());
  r.write(x, v);
  r.context().run();
  require_close(r.read(y), pooled(s, v, max, include_pad));
}

}  // namespace
