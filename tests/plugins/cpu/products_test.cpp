// linear and matmul against plain loops in double precision.
#include "gemm/gemm.hpp"

#include "agree.hpp"
#include "catch.hpp"
#include "options.hpp"
#include "runner.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <cmath>

namespace {

using tests::ProgramBuilder;
using tests::Runner;

// terms: of each sum, since rounding grows with them.
void require_close(const std::vector<float>& got, const std::vector<double>& want, uint64_t terms = 0) {
  REQUIRE(got.size() == want.size());
  const double bound = 2e-5 * std::max(1.0, static_cast<double>(terms) / 500);
  for (size_t i = 0; i < got.size(); ++i) {
    if (tests::agree(got[i], want[i], 0, bound * std::max(1.0, std::fabs(want[i])))) continue;
    FAIL("seed " << tests::seed() << ", element " << i << ": " << got[i] << ", expected " << want[i]);
  }
}

struct Sizes {
  uint64_t m, k, n;
};

TEST_CASE("linear equals its formula for any number of rows and both weight layouts", "[cpu]") {
  const Sizes s = GENERATE(Sizes{1, 64, 48}, Sizes{1, 5, 3}, Sizes{2, 70, 33}, Sizes{7, 31, 17}, Sizes{13, 400, 50},
                           Sizes{200, 65, 40}, Sizes{3, 1000, 1}, Sizes{130, 1300, 70}, Sizes{700, 70, 33});
  const bool nk = GENERATE(false, true);
  const bool constant = GENERATE(false, true);
  const unsigned threads = GENERATE(1u, 3u);
  ProgramBuilder b;
  const std::vector<uint64_t> w_dims = nk ? std::vector<uint64_t>{s.n, s.k} : std::vector<uint64_t>{s.k, s.n};
  const uint32_t x = b.input({s.m, s.k}), w = constant ? b.param(w_dims, "w") : b.input(w_dims, "w");
  const uint32_t bias = b.param({s.n}, "b"), y = b.temporary({s.m, s.n});
  b.node("linear", {x, w, bias}, {y},
         {{"w_layout", std::string(nk ? "nk" : "kn")},
          {"activation", std::string("relu")},
          {"alpha", 0.0},
          {"beta", 0.0}});
  b.output(y);
  Runner r(b, threads);
  const auto xv = tests::random_floats(s.m * s.k, tests::seed()),
             wv = tests::random_floats(s.k * s.n, tests::seed() + 1);
  const auto bv = tests::random_floats(s.n, tests::seed() + 2);
  r.set_param("b", bv);
  if (constant) r.set_param("w", wv);
  r.write(x, xv);
  if (!constant) r.write(w, wv);
  r.context().run();
  std::vector<double> want(s.m * s.n);
  for (uint64_t i = 0; i < s.m; ++i)
    for (uint64_t j = 0; j < s.n; ++j) {
      double sum = bv[j];
      for (uint64_t k = 0; k < s.k; ++k) sum += double(xv[i * s.k + k]) * wv[nk ? j * s.k + k : k * s.n + j];
      want[i * s.n + j] = std::max(sum, 0.0);
    }
  require_close(r.read(y), want, s.k);
}

TEST_CASE("a product with few results and a long sum gets every thread", "[cpu]") {
  REQUIRE(rlx::cpu::gemm_threads(2, 1, 768, 768) == 2);
  REQUIRE(rlx::cpu::gemm_threads(16, 128, 768, 3072) == 16);
  REQUIRE(rlx::cpu::gemm_threads(16, 1, 10, 512) == 1);
  REQUIRE(rlx::cpu::gemm_threads(16, 32, 64, 100) == 2);
  REQUIRE(rlx::cpu::gemm_threads(4, 8, 8, 0) == 1);
}

TEST_CASE("a batch of no products writes nothing", "[cpu]") {
  ProgramBuilder b;
  const uint32_t a = b.input({0, 2, 3}, "a"), w = b.input({0, 3, 4}, "w"), y = b.temporary({0, 2, 4});
  b.node("matmul", {a, w}, {y}, {{"trans_a", int64_t{0}}, {"trans_b", int64_t{0}}});
  b.output(y);
  Runner r(b);
  std::vector<float> memory(64, 7.0f);
  r.context().bind(y, memory.data(), 0);
  r.context().run();
  REQUIRE(memory == std::vector<float>(64, 7.0f));
}

TEST_CASE("matmul broadcasts batches and transposes either side", "[cpu]") {
  const bool trans_a = GENERATE(false, true), trans_b = GENERATE(false, true);
  const uint64_t m = 9, k = 21, n = 18;
  ProgramBuilder b;
  const uint32_t a = b.input(trans_a ? std::vector<uint64_t>{2, 1, k, m} : std::vector<uint64_t>{2, 1, m, k}, "a");
  const uint32_t w = b.input(trans_b ? std::vector<uint64_t>{3, n, k} : std::vector<uint64_t>{3, k, n}, "w");
  const uint32_t y = b.temporary({2, 3, m, n});
  b.node("matmul", {a, w}, {y}, {{"trans_a", int64_t(trans_a)}, {"trans_b", int64_t(trans_b)}});
  b.output(y);
  Runner r(b, 2);
  const auto av = tests::random_floats(2 * m * k, tests::seed()),
             wv = tests::random_floats(3 * k * n, tests::seed() + 1);
  r.write(a, av);
  r.write(w, wv);
  r.context().run();
  std::vector<double> want;
  for (uint64_t p = 0; p < 2; ++p)
    for (uint64_t q = 0; q < 3; ++q)
      for (uint64_t i = 0; i < m; ++i)
        for (uint64_t j = 0; j < n; ++j) {
          double sum = 0;
          for (uint64_t l = 0; l < k; ++l)
            sum += double(av[p * m * k + (trans_a ? l * m + i : i * k + l)]) *
                   wv[q * k * n + (trans_b ? j * k + l : l * n + j)];
          want.push_back(sum);
        }
  require_close(r.read(y), want);
}

TEST_CASE("two products with one weight hold one packed copy and no plain one", "[cpu]") {
  ProgramBuilder b;
  const uint32_t x = b.input({4, 64}), w = b.param({64, 64}, "w"), h = b.temporary({4, 64}), y = b.temporary({4, 64});
  b.node("matmul", {x, w}, {h}, {{"trans_a", int64_t{0}}, {"trans_b", int64_t{0}}});
  b.node("matmul", {h, w}, {y}, {{"trans_a", int64_t{0}}, {"trans_b", int64_t{0}}});
  b.output(y);
  Runner r(b);
  r.set_param("w", tests::random_floats(64 * 64, tests::seed()));
  r.executable().finalize();
  REQUIRE(r.executable().weights().bytes() == 64 * 64 * sizeof(float));
}

TEST_CASE("a changed range of a packed matrix is what the next run uses", "[cpu]") {
  ProgramBuilder b;
  const uint32_t x = b.input({1, 3}), w = b.param({3, 2}, "w"), y = b.temporary({1, 2});
  b.node("matmul", {x, w}, {y}, {{"trans_a", int64_t{0}}, {"trans_b", int64_t{0}}});
  b.output(y);
  Runner r(b);
  r.set_param("w", {1, 2, 3, 4, 5, 6});
  r.write(x, {1, 10, 100});
  r.context().run();
  REQUIRE(r.read(y) == std::vector<float>{531, 642});
  const std::vector<float> part{7, 8};
  r.executable().set_param_range("w", RLX_DTYPE_F32, part.data(), 8, 3);
  r.context().run();
  REQUIRE(r.read(y) == std::vector<float>{831, 672});
}

TEST_CASE("half matrices are multiplied in f32 and rounded once", "[cpu]") {
  const rlx_dtype dtype = GENERATE(rlx_dtype{RLX_DTYPE_F16}, rlx_dtype{RLX_DTYPE_BF16});
  const bool constant = GENERATE(false, true);
  ProgramBuilder b;
  const uint32_t x = b.input({2, 3}, "x", dtype);
  const uint32_t w = constant ? b.param({3, 2}, "w", dtype) : b.input({3, 2}, "w", dtype);
  const uint32_t y = b.temporary({2, 2}, dtype);
  b.node("matmul", {x, w}, {y}, {{"trans_a", int64_t{0}}, {"trans_b", int64_t{0}}});
  b.output(y);
  Runner r(b, 2);
  const std::vector<float> xv{1, 2, 3, 4, 5, 6}, wv{1, 0.5f, -2, 1, 3, 2};
  if (constant) r.set_param("w", wv);
  auto& c = r.context();
  rlx::sdk::convert(RLX_DTYPE_F32, xv.data(), dtype, c.address(x), 6);
  if (!constant) rlx::sdk::convert(RLX_DTYPE_F32, wv.data(), dtype, c.address(w), 6);
  c.run();
  std::vector<float> got(4);
  rlx::sdk::convert(dtype, c.address(y), RLX_DTYPE_F32, got.data(), 4);
  REQUIRE(got == std::vector<float>{6, 8.5f, 12, 19});
}

}  // namespace
