// Every property that the emulator can see: results do not depend on the order of threads or the width of a warp.
#include "kernels/launch.hpp"

namespace {

using emulation::Order;
using namespace tests;

TEST_CASE("softmax rows sum to one in every order of threads", "[simt]") {
  constexpr uint64_t kRows = 3, kSize = 517;
  std::vector<float> x = random_floats(kRows * kSize);
  for (const Order order : kOrders) {
    std::vector<float> y(x.size());
    simt::SoftmaxParams p{};
    p.x = address(x);
    p.y = address(y);
    p.outer = kRows;
    p.size = kSize;
    p.inner = 1;
    REQUIRE(launch("softmax<f32>", p, 2, 256, 256 / SIMT_WARP * 8, order).empty());
    for (uint64_t row = 0; row < kRows; ++row) {
      double sum = 0;
      for (uint64_t i = 0; i < kSize; ++i) sum += y[row * kSize + i];
      CHECK(sum == Approx(1).epsilon(1e-5));
    }
  }
}

TEST_CASE("a block's sum is the row's sum in every order of threads", "[simt]") {
  std::vector<float> x = random_floats(2 * 1000), y(2);
  for (const Order order : kOrders) {
    simt::ReduceParams p{};
    p.x = address(x);
    p.y = address(y);
    p.rows = 2;
    p.parts = 1;
    p.count = p.part_size = 1000;
    p.row_rank = p.rank = 1;
    p.row_dims[0] = 2;
    p.row_strides[0] = 1000;
    p.dims[0] = 1000;
    p.strides[0] = 1;
    REQUIRE(launch("reduce_blocks<f32, reduce_sum<f32>>", p, 2, 128, 128 / SIMT_WARP * 8, order).empty());
    for (size_t row = 0; row < 2; ++row) {
      double sum = 0;
      for (size_t i = 0; i < 1000; ++i) sum += x[row * 1000 + i];
      CHECK(y[row] == Approx(sum).margin(1e-3));
    }
  }
}

TEST_CASE("tiles of a product meet at its edges in every order of threads", "[simt]") {
  constexpr uint64_t kM = 37, kN = 70, kK = 21;
  std::vector<float> a = random_floats(kM * kK), b = random_floats(kK * kN);
  for (const Order order : kOrders)
    for (const uint32_t tile : {32u, 64u}) {
      std::vector<float> y(kM * kN);
      simt::MatmulParams p{};
      p.a = address(a);
      p.b = address(b);
      p.y = address(y);
      p.m = kM;
      p.n = kN;
      p.k = kK;
      p.batches = 1;
      p.a_row = kK;
      p.a_column = p.b_column = 1;
      p.b_row = kN;
      p.tiles_n = static_cast<uint32_t>((kN + tile - 1) / tile);
      const std::string body = "matmul<f32, " + std::to_string(tile) + ">";
      REQUIRE(launch(body, p, 3, tile / 4 * (tile / 4), 2 * 16 * (tile + 1) * 4, order).empty());
      for (uint64_t m = 0; m < kM; ++m)
        for (uint64_t n = 0; n < kN; ++n) {
          double sum = 0;
          for (uint64_t k = 0; k < kK; ++k) sum += double{a[m * kK + k]} * b[k * kN + n];
          REQUIRE(y[m * kN + n] == Approx(sum).margin(1e-4));
        }
    }
}

TEST_CASE("products of a few rows are right in both layouts", "[simt]") {
  constexpr uint64_t kN = 45;
  for (const uint64_t k : {uint64_t{0}, uint64_t{7}, uint64_t{600}, uint64_t{601}})
    for (const uint64_t m : {1u, 3u, simt::kMostMatmulRows})
      for (const bool steps : {false, true}) {
        std::vector<float> a = random_floats(m * k + 1), b = random_floats(k * kN + 1), bias = random_floats(kN),
                           y(m * kN);
        simt::MatmulParams p{};
        p.a = address(a);
        p.b = address(b);
        p.bias = address(bias);
        p.y = address(y);
        p.m = m;
        p.n = kN;
        p.k = k;
        p.batches = 1;
        p.a_row = static_cast<int64_t>(k);
        p.a_column = 1;
        p.b_row = steps ? static_cast<int64_t>(kN) : 1;
        p.b_column = steps ? 1 : static_cast<int64_t>(k);
        const uint32_t shared = steps ? 128 / SIMT_WARP * simt::kMostMatmulRows * 16 * 4 : 0;
        INFO(m << " rows, " << k << " steps");
        REQUIRE(launch(steps ? "row_matmul_steps<f32>" : "row_matmul_columns<f32>", p, 2, 128, shared,
                       Order::kRandom) == "");
        for (uint64_t at = 0; at < m * kN; ++at) {
          double sum = bias[at % kN];
          for (uint64_t i = 0; i < k; ++i)
            sum += double{a[at / kN * k + i]} * b[steps ? i * kN + at % kN : at % kN * k + i];
          REQUIRE(y[at] == Approx(sum).margin(1e-4));
        }
      }
}

}  // namespace
