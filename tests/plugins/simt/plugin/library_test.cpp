// Products by the vendor's library, which is the stand-in here: the same results in every layout, and own kernels
// wherever the library is not the right one.
#include "plugin/library.hpp"
#include "plugin/stand_in.hpp"

#include "catch.hpp"

#include <cmath>

using namespace tests;

namespace {

// Above the limit of blas/launch.cpp.
constexpr uint64_t kM = 96, kN = 160, kK = 160;

struct Layout {
  bool trans_a, trans_b;
  uint64_t a_batches, b_batches;
};

// Row-major m × k by k × n in plain loops, of the operands as they are stored.
std::vector<double> product(const Value& a, const Value& b, const Layout& l) {
  const std::vector<double> x = numbers(a), y = numbers(b);
  const uint64_t batches = std::max(l.a_batches, l.b_batches);
  std::vector<double> sums(batches * kM * kN);
  for (uint64_t i = 0; i < batches; ++i)
    for (uint64_t m = 0; m < kM; ++m)
      for (uint64_t n = 0; n < kN; ++n) {
        double sum = 0;
        const uint64_t from_a = i % l.a_batches * kM * kK, from_b = i % l.b_batches * kK * kN;
        for (uint64_t k = 0; k < kK; ++k)
          sum += x[from_a + (l.trans_a ? k * kM + m : m * kK + k)] * y[from_b + (l.trans_b ? n * kK + k : k * kN + n)];
        sums[(i * kM + m) * kN + n] = sum;
      }
  return sums;
}

std::string product_by_library(rlx_dtype dtype) {
  return by_library("cublaslt", "hipblaslt", dtype);
}

}  // namespace

TEST_CASE("matmul by the library in every layout", "[simt]") {
  const auto dtype = GENERATE(kF16, kBF16, kF32, kF64);
  const auto layout = GENERATE(Layout{false, false, 1, 1}, Layout{true, false, 1, 1}, Layout{false, true, 2, 2},
                               Layout{true, true, 2, 1}, Layout{false, false, 2, 1}, Layout{false, true, 1, 2});
  const auto dims = [](uint64_t batches, bool swapped, uint64_t rows, uint64_t columns) {
    return swapped ? Dims{batches, columns, rows} : Dims{batches, rows, columns};
  };
  const Value a = digits(dtype, dims(layout.a_batches, layout.trans_a, kM, kK), 1),
              b = digits(dtype, dims(layout.b_batches, layout.trans_b, kK, kN), 2);
  Program program;
  const uint32_t left = program.input({dtype, a.dims}), right = program.input({dtype, b.dims}),
                 y = program.output({dtype, {std::max(layout.a_batches, layout.b_batches), kM, kN}});
  program.node("matmul", {{"trans_a", layout.trans_a}, {"trans_b", layout.trans_b}}, {left, right}, {y});
  Runner runner(program);
  runner.finalize();
  runner.write(left, a);
  runner.write(right, b);
  for (int run = 0; run < 3; ++run) runner.run();  // plainly, captured, replayed
  require_close(runner.read(y), product(a, b, layout), 0);
  CHECK(kernels_of(runner) == std::vector{product_by_library(dtype)});
}

TEST_CASE("linear by the library with bias and activation", "[simt]") {
  const auto dtype = GENERATE(kF16, kF32, kF64);
  const std::string activation = GENERATE("none", "relu", "gelu_tanh", "gelu", "silu"), w_layout = GENERATE("kn", "nk");
  const bool has_bias = GENERATE(true, false);
  const Value x = digits(dtype, {2, kM / 2, kK}, 3), bias = digits(dtype, {kN}, 5),
              w = digits(dtype, w_layout == "kn" ? Dims{kK, kN} : Dims{kN, kK}, 4);
  Program program;
  const uint32_t in = program.input({dtype, x.dims}), weight = program.param({dtype, w.dims}, "w"),
                 b = has_bias ? program.param({dtype, {kN}}, "b") : RLX_NO_INDEX,
                 y = program.output({dtype, {2, kM / 2, kN}});
  program.node("linear", {{"w_layout", w_layout}, {"activation", activation}}, {in, weight, b}, {y});
  Runner runner(program);
  runner.set_param("w", w);
  if (has_bias) runner.set_param("b", bias);
  runner.finalize();
  runner.write(in, x);
  runner.run();

  std::vector<double> expected = product(x, w, {false, w_layout == "nk", 1, 1});
  const std::vector<double> added = numbers(bias);
  for (size_t i = 0; i < expected.size(); ++i) {
    double& v = expected[i];
    if (has_bias) v += added[i % kN];
    if (activation == "relu") v = std::max(v, 0.0);
    if (activation == "gelu") v *= 0.5 * std::erfc(-v / std::sqrt(2.0));
    if (activation == "gelu_tanh")
      v *= 0.5 * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (v + 0.044715 * v * v * v)));
    if (activation == "silu") v /= 1 + std::exp(-v);
  }
  require_close(runner.read(y), expected, dtype == kF16 ? 0.02 : 1e-5);
  const std::vector<std::string> kernels = kernels_of(runner);
  const bool has_epilogue = activation == "relu" || activation == "gelu_tanh";
  // The stand-in takes no epilogue in f64, nor a bias: an own kernel does all, or what comes behind the product.
  if (dtype == kF64 && has_bias) {
    CHECK(kernels.size() == 1);
    CHECK_THAT(kernels[0], contains_text("matmul"));
  } else {
    CHECK(kernels.size() == (activation == "none" || (has_epilogue && dtype != kF64) ? 1 : 2));
    CHECK(kernels[0] == product_by_library(dtype));
  }
}

TEST_CASE("f32 keeps its digits unless the host lets them go", "[simt]") {
  const auto allowed = GENERATE(uint32_t{RLX_F32_FULL}, uint32_t{RLX_F32_TF32});
  rlx_ext_precision precision{{sizeof precision, RLX_EXT_PRECISION, RLX_EXT_MUST_UNDERSTAND, 0, nullptr}, allowed, 0};
  const rlx_compile_options options{sizeof options, 0, &precision.ext};
  // More digits than tf32 has.
  const double x = 1 + 0x1p-12;
  Program program;
  const uint32_t a = program.input({kF32, {kM, kK}}), b = program.input({kF32, {kK, kN}}),
                 y = program.output({kF32, {kM, kN}});
  program.node("matmul", {{"trans_a", 0}, {"trans_b", 0}}, {a, b}, {y});
  Runner runner(program, plugin().device, &options);
  runner.finalize();
  runner.write(a, f32({kM, kK}, std::vector<double>(kM * kK, x)));
  runner.write(b, f32({kK, kN}, std::vector<double>(kK * kN, 1)));
  runner.run();
  const double factor = allowed == RLX_F32_FULL ? x : 1;
  require_close(runner.read(y), std::vector<double>(kM * kN, kK * factor), 1e-5);
}

TEST_CASE("operands that are views are multiplied where they lie", "[simt]") {
  Program program;
  const Value a = digits(kF16, {kM * kK + 1}, 1), b = digits(kF16, {kK, kN}, 2);
  const uint32_t whole = program.input({kF16, a.dims}), right = program.input({kF16, b.dims}),
                 left = program.view(whole, {kF16, {kM, kK}}, 2), y = program.output({kF16, {kM, kN}});
  program.node("matmul", {{"trans_a", 0}, {"trans_b", 0}}, {left, right}, {y});
  Runner runner(program);
  runner.finalize();
  runner.write(whole, a);
  runner.write(right, b);
  runner.run();
  const std::vector<double> all = numbers(a);
  const Value part = tensor(kF16, {kM, kK}, {all.begin() + 1, all.end()});
  require_close(runner.read(y), product(part, b, {false, false, 1, 1}), 0);
  CHECK(kernels_of(runner) == std::vector{product_by_library(kF16)});
}

TEST_CASE("few rows, small products and integers are for own kernels", "[simt]") {
  struct Case {
    rlx_dtype dtype;
    uint64_t m, n, k;
  };
  const auto c = GENERATE(Case{kF32, 4, 1024, 1024}, Case{kF32, 64, 64, 64}, Case{kI32, 128, 128, 128});
  const uint64_t before = blas().calls();
  run_one("matmul", {{"trans_a", 0}, {"trans_b", 0}}, {digits(c.dtype, {c.m, c.k}, 1), digits(c.dtype, {c.k, c.n}, 2)},
          {c.dtype, {c.m, c.n}});
  CHECK(blas().calls() == before);
}

TEST_CASE("an own kernel takes what the library does not", "[simt]") {
  // Each call up to the choice of an algorithm may fail, for a shape that was not asked for yet.
  for (uint64_t n = 1; n <= 16; ++n) {
    INFO("call " << n);
    const uint64_t m = kM + n;
    Program program;
    const uint32_t a = program.input({kF32, {m, kK}}), b = program.input({kF32, {kK, kN}}),
                   y = program.output({kF32, {m, kN}});
    program.node("matmul", {{"trans_a", 0}, {"trans_b", 0}}, {a, b}, {y});
    const uint64_t before = blas().calls();
    blas().fail(n, 14);
    Runner runner(program);
    blas().fail(0, 0);
    const uint64_t used = blas().calls() - before;
    runner.finalize();
    runner.write(a, digits(kF32, {m, kK}, 1));
    runner.write(b, digits(kF32, {kK, kN}, 2));
    const std::string kernel = kernels_of(runner).at(0);
    // The last calls free what the choice needed, which nobody waits for.
    if (used > n) CHECK((kernel == product_by_library(kF32) || kernel.find("matmul") != std::string::npos));
    if (n <= 4) CHECK_THAT(kernel, contains_text("matmul"));
  }
}

TEST_CASE("the library's workspace is scratch memory of the context", "[simt]") {
  Program program;
  const uint32_t a = program.input({kF16, {kM, kK}}), b = program.input({kF16, {kK, kN}}),
                 y = program.output({kF16, {kM, kN}});
  program.node("matmul", {{"trans_a", 0}, {"trans_b", 0}}, {a, b}, {y});
  Runner runner(program);
  runner.finalize();
  rlx_arena_stats stats{};
  stats.struct_size = sizeof stats;
  check(plugin().arena->stats(runner.arena(), &stats));
  CHECK(stats.scratch == 1000);
}
