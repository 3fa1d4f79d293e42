// Convolutions against the formula in docs/ops.md, and the layouts between them.
#include "catch.hpp"
#include "conv_reference.hpp"

namespace {

using tests::attrs_of;
using tests::ProgramBuilder;
using tests::reference;
using tests::require_close;
using tests::Runner;
using Shape = tests::ConvShape;
using Dims = std::vector<uint64_t>;

TEST_CASE("a convolution equals its formula for every kind of shape", "[cpu]") {
  const Shape s = GENERATE(Shape{1, 3, 17, 19, 16, 3, 1, 2, 1, 1}, Shape{2, 16, 9, 9, 24, 1, 1, 1, 0, 1},
                           Shape{1, 24, 12, 12, 24, 3, 24, 1, 1, 1}, Shape{1, 12, 10, 10, 8, 3, 4, 1, 2, 2},
                           Shape{1, 5, 8, 8, 7, 3, 1, 1, 1, 1}, Shape{1, 1, 8, 8, 1, 5, 1, 3, 2, 1});
  const unsigned threads = GENERATE(1u, 2u);
  ProgramBuilder b;
  const uint32_t x = b.input({s.n, s.c, s.h, s.w}), w = b.param({s.m, s.c / s.groups, s.k, s.k}, "w");
  const uint32_t bias = b.param({s.m}, "b"), y = b.temporary({s.n, s.m, s.out(s.h), s.out(s.w)});
  b.output(y);
  b.node("conv", {x, w, bias}, {y}, attrs_of(s));
  Runner r(b, threads);
  const auto xv = tests::random_floats(s.n * s.c * s.h * s.w, tests::seed());
  const auto wv = tests::random_floats(s.m * s.c / s.groups * s.k * s.k, tests::seed() + 1);
  const auto bv = tests::random_floats(s.m, tests::seed() + 2);
  r.set_param("w", wv);
  r.set_param("b", bv);
  r.write(x, xv);
  r.context().run();
  require_close(r.read(y), reference(s, xv, wv, bv));
}

// conv, conv, add of the first, relu in the second: what a residual block is.
struct Block {
  ProgramBuilder b;
  uint32_t x, y;
  explicit Block(const Shape& s) {
    x = b.input({s.n, s.c, s.h, s.w});
    const Dims image{s.n, s.m, s.h, s.w};
    const uint32_t w1 = b.param({s.m, s.c, s.k, s.k}, "w1"), w2 = b.param({s.m, s.m, s.k, s.k}, "w2");
    const uint32_t first = b.temporary(image);
    y = b.temporary(image);
    b.node("conv", {x, w1}, {first}, attrs_of(s));
    auto attrs = attrs_of(s);
    attrs.push_back({"activation", std::string("relu")});
    attrs.push_back({"alpha", 0.0});
    attrs.push_back({"beta", 0.0});
    b.node("fused_conv_bias_act", {first, w2, RLX_NO_INDEX, first}, {y}, attrs);
    b.output(y);
  }
};

TEST_CASE("a residual is added before the activation and stays what it was", "[cpu]") {
  const Shape s{1, 16, 10, 10, 16, 3, 1, 1, 1, 1};
  Block block(s);
  Runner r(block.b);
  const auto xv = tests::random_floats(s.c * s.h * s.w, tests::seed());
  const auto w1 = tests::random_floats(s.m * s.c * 9, tests::seed() + 1);
  const auto w2 = tests::random_floats(s.m * s.m * 9, tests::seed() + 2);
  r.set_param("w1", w1);
  r.set_param("w2", w2);
  r.write(block.x, xv);
  const auto first = reference(s, xv, w1, {});
  auto want = reference(s, first, w2, {});
  for (size_t i = 0; i < want.size(); ++i) want[i] = std::max(0.0f, want[i] + first[i]);
  for (int run = 0; run < 2; ++run) {
    r.context().run();
    require_close(r.read(block.y), want);
  }
}

TEST_CASE("convolutions in a row meet without a reorder between them", "[cpu]") {
  const Shape s{1, 32, 14, 14, 32, 3, 1, 1, 1, 1};
  Block block(s);
  Runner r(block.b);
  REQUIRE(r.count("reorder") <= 2);  // of the program's input and output
}

TEST_CASE("the outputs of convolutions are joined in the layout they have", "[cpu]") {
  const Shape s{2, 16, 11, 13, 16, 3, 1, 1, 1, 1};
  ProgramBuilder b;
  const Dims image{s.n, s.m, s.h, s.w};
  const uint32_t x = b.input({s.n, s.c, s.h, s.w}), first = b.temporary(image), second = b.temporary(image);
  const uint32_t joined = b.temporary({s.n, 2 * s.m, s.h, s.w}), y = b.temporary(image);
  const uint32_t w1 = b.param({s.m, s.c, s.k, s.k}, "w1"), w2 = b.param({s.m, s.c, s.k, s.k}, "w2");
  const uint32_t w3 = b.param({s.m, 2 * s.m, s.k, s.k}, "w3");
  b.node("conv", {x, w1}, {first}, attrs_of(s));
  b.node("conv", {x, w2}, {second}, attrs_of(s));
  b.node("concat", {first, second}, {joined}, {{"axis", int64_t(1)}});
  b.node("conv", {joined, w3}, {y}, attrs_of(s));
  b.output(y);
  Runner r(b, 2);
  REQUIRE(r.count("reorder") <= 2);  // of the program's input and output
  const auto xv = tests::random_floats(s.n * s.c * s.h * s.w, tests::seed());
  const auto v1 = tests::random_floats(s.m * s.c * 9, tests::seed() + 1);
  const auto v2 = tests::random_floats(s.m * s.c * 9, tests::seed() + 2);
  const auto v3 = tests::random_floats(2 * s.m * s.m * 9, tests::seed() + 3);
  r.set_param("w1", v1);
  r.set_param("w2", v2);
  r.set_param("w3", v3);
  r.write(x, xv);
  r.context().run();
  const auto a = reference(s, xv, v1, {}), c = reference(s, xv, v2, {});
  const size_t half = s.m * s.h * s.w;
  std::vector<float> both;
  for (size_t n = 0; n < s.n; ++n)
    for (const auto* part : {&a, &c}) both.insert(both.end(), part->begin() + n * half, part->begin() + (n + 1) * half);
  Shape last = s;
  last.c = 2 * s.m;
  require_close(r.read(y), reference(last, both, v3, {}));
}

TEST_CASE("packed convolution weights replace the plain ones", "[cpu]") {
  const Shape s{1, 32, 14, 14, 32, 3, 1, 1, 1, 1};
  Block block(s);
  Runner r(block.b);
  r.set_param("w1", std::vector<float>(32 * 32 * 9, 1.0f));
  r.set_param("w2", std::vector<float>(32 * 32 * 9, 1.0f));
  r.executable().finalize();
  REQUIRE(r.executable().weights().bytes() == 2 * 32 * 32 * 9 * sizeof(float));
}

TEST_CASE("a changed range of a packed parameter is what the next run uses", "[cpu]") {
  const Shape s{1, 16, 6, 6, 16, 1, 1, 1, 0, 1};
  ProgramBuilder b;
  const uint32_t x = b.input({1, 16, 6, 6}), w = b.param({16, 16, 1, 1}, "w"), y = b.temporary({1, 16, 6, 6});
  b.node("conv", {x, w}, {y}, attrs_of(s));
  b.output(y);
  Runner r(b);
  const auto xv = tests::random_floats(16 * 36, tests::seed());
  auto wv = tests::random_floats(256, tests::seed() + 1);
  r.set_param("w", wv);
  r.write(x, xv);
  const std::vector<float> part{3, -2, 5};
  std::copy(part.begin(), part.end(), wv.begin() + 100);
  const uint64_t before = r.executable().weights().bytes();
  r.executable().set_param_range("w", RLX_DTYPE_F32, part.data(), 12, 100);
  r.context().run();
  require_close(r.read(y), reference(s, xv, wv, {}));
  REQUIRE(r.executable().weights().bytes() == before);
}

TEST_CASE("weights that are computed in the run are packed in the run", "[cpu]") {
  const Shape s{1, 32, 8, 8, 32, 3, 1, 1, 1, 1};
  ProgramBuilder b;
  const uint32_t x = b.input({1, 32, 8, 8}), w = b.input({32, 32, 3, 3}, "w"), y = b.temporary({1, 32, 8, 8});
  b.node("conv", {x, w}, {y}, attrs_of(s));
  b.output(y);
  Runner r(b);
  const auto xv = tests::random_floats(32 * 64, tests::seed());
  const auto wv = tests::random_floats(32 * 32 * 9, tests::seed() + 1);
  r.write(x, xv);
  r.write(w, wv);
  r.context().run();
  require_close(r.read(y), reference(s, xv, wv, {}));
}

}  // namespace
