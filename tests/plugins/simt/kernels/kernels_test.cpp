// Every property that the emulator can see: results do not depend on the order of threads or the width of a warp.
#include "emulation/block.hpp"
#include "emulation/kernel.hpp"

#include "catch.hpp"
#include "device/params.hpp"
#include "options.hpp"

#include <cmath>
#include <random>
#include <vector>

namespace {

using emulation::Order;

// Runs an entry's kernel; the emulator's complaint, or nothing.
template <typename Params>
std::string launch(const std::string& body, const Params& params, uint32_t blocks, uint32_t threads,
                   uint64_t shared_bytes, Order order) {
  const emulation::Kernel kernel = emulation::find_instance(std::string(Params::kName) + ", " + body);
  REQUIRE(kernel.run);
  struct Call {
    const emulation::Kernel& kernel;
    const Params& params;
  } call{kernel, params};
  emulation::Grid grid{};
  grid.kernel = [](const void* context) {
    const auto& c = *static_cast<const Call*>(context);
    c.kernel.run(&c.params);
  };
  grid.context = &call;
  grid.blocks = blocks;
  grid.threads = threads;
  grid.shared_bytes = shared_bytes;
  grid.warp = SIMT_WARP;
  grid.order = order;
  grid.seed = tests::seed();
  return emulation::run(grid);
}

constexpr Order kOrders[] = {Order::kForward, Order::kBackward, Order::kRandom};

std::vector<float> random_floats(size_t count) {
  std::mt19937 random(tests::seed());
  std::vector<float> v(count);
  for (float& x : v) x = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
  return v;
}

template <typename T>
simt::Address address(std::vector<T>& v) {
  return reinterpret_cast<simt::Address>(v.data());
}

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
    p.count = 1000;
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

}  // namespace
