// Fragments of matrices: by the matrix units that the emulator has been built with, and lane by lane.
#include "kernels/halves.hpp"
#include "kernels/launch.hpp"

#include "device/layer.hpp"

#include <sys/mman.h>

using namespace tests;

namespace {

// y = a·b + bias with operands laid out as the kernel's template arguments say.
void check_product(uint64_t m, uint64_t n, uint64_t k, uint32_t tile, bool a_major, bool b_major, bool bfloat,
                   Order order) {
  std::vector<uint16_t> a = halves(m * k, bfloat), b = halves(k * n, bfloat), bias = halves(n, bfloat), y(m * n);
  simt::MatmulParams p{};
  p.a = address(a);
  p.b = address(b);
  p.bias = address(bias);
  p.y = address(y);
  p.m = m;
  p.n = n;
  p.k = k;
  p.batches = 1;
  p.a_row = a_major ? 1 : static_cast<int64_t>(k);
  p.a_column = a_major ? static_cast<int64_t>(m) : 1;
  p.b_row = b_major ? static_cast<int64_t>(n) : 1;
  p.b_column = b_major ? 1 : static_cast<int64_t>(k);
  p.tiles_n = static_cast<uint32_t>((n + tile - 1) / tile);
  const auto flag = [](bool b) { return b ? ", true" : ", false"; };
  const std::string body = std::string("fragment_matmul<") + (bfloat ? "bf16, " : "f16, ") + std::to_string(tile) +
                           flag(a_major) + flag(b_major) + ">";
  const auto elements = [&](bool major) {
    const uint32_t step = simt::kFragmentStepBytes / 2;
    return major ? step * (tile + 8) : tile * (step + 8);
  };
  const uint32_t threads = 2 * tile / simt::kFragmentWarpColumns * SIMT_WARP;
  INFO(body << " of " << m << " x " << n << " x " << k);
  REQUIRE(launch(body, p, 2, threads, 4 * (elements(a_major) + elements(b_major)), order) == "");
  for (uint64_t i = 0; i < m; ++i)
    for (uint64_t j = 0; j < n; ++j) {
      double sum = rounded(bias[j], bfloat);
      for (uint64_t d = 0; d < k; ++d)
        sum += double{rounded(a[a_major ? d * m + i : i * k + d], bfloat)} *
               rounded(b[b_major ? d * n + j : j * k + d], bfloat);
      REQUIRE(rounded(y[i * n + j], bfloat) == Approx(sum).epsilon(bfloat ? 0.008 : 0.001).margin(1e-3));
    }
}

}  // namespace

TEST_CASE("products on matrix units are right in every layout", "[simt]") {
  for (const bool a_major : {false, true})
    for (const bool b_major : {false, true}) {
      check_product(67, 70, 50, 64, a_major, b_major, false, Order::kRandom);  // no vectors, edges everywhere
      check_product(72, 64, 40, 64, a_major, b_major, true, Order::kRandom);   // vectors
      check_product(136, 144, 48, 128, a_major, b_major, false, Order::kBackward);
    }
}

TEST_CASE("products on matrix units have edges of one row, one column, one step and none", "[simt]") {
  check_product(1, 65, 32, 64, false, true, false, Order::kForward);
  check_product(65, 1, 1, 64, false, false, true, Order::kForward);
  check_product(3, 5, 0, 64, false, false, false, Order::kForward);
}

namespace {

constexpr uint64_t kSteps = 75;

// The largest difference from a·b for f32 operands, in units of 2^-24 of Σ|a|·|b|: what rounding one step to f32 costs.
double worst_difference(const std::string& type, uint32_t tile, bool a_major, bool b_major, Order order) {
  const uint64_t m = tile + 5, n = 37, k = kSteps;
  std::vector<float> a = random_floats(m * k), b = random_floats(k * n), y(m * n);
  // Random bits in the mantissa's end, which are what tf32 does not hold.
  std::mt19937 random(tests::seed());
  for (std::vector<float>* v : {&a, &b})
    for (float& x : *v) x *= 1 + static_cast<float>(random() % 4096) * 0x1p-22f;
  simt::MatmulParams p{};
  p.a = address(a);
  p.b = address(b);
  p.y = address(y);
  p.m = m;
  p.n = n;
  p.k = k;
  p.batches = 1;
  p.a_row = a_major ? 1 : static_cast<int64_t>(k);
  p.a_column = a_major ? static_cast<int64_t>(m) : 1;
  p.b_row = b_major ? static_cast<int64_t>(n) : 1;
  p.b_column = b_major ? 1 : static_cast<int64_t>(k);
  p.tiles_n = 1;
  const uint32_t step = simt::kFragmentStepBytes / 4;
  const auto elements = [&](bool major) { return major ? step * (tile + 4) : tile * (step + 4); };
  const auto flag = [](bool set) { return set ? ", true" : ", false"; };
  const std::string body =
      "fragment_matmul<" + type + ", " + std::to_string(tile) + flag(a_major) + flag(b_major) + ">";
  INFO(body);
  REQUIRE(launch(body, p, 2, 2 * tile / simt::kFragmentWarpColumns * SIMT_WARP,
                 8 * (elements(a_major) + elements(b_major)), order) == "");
  double worst = 0;
  for (uint64_t i = 0; i < m; ++i)
    for (uint64_t j = 0; j < n; ++j) {
      double sum = 0, size = 0;
      for (uint64_t d = 0; d < k; ++d) {
        const double product = double{a[a_major ? d * m + i : i * k + d]} * b[b_major ? d * n + j : j * k + d];
        sum += product;
        size += std::fabs(product);
      }
      worst = std::max(worst, std::fabs(y[i * n + j] - sum) / (size * 0x1p-24));
    }
  return worst;
}

}  // namespace

TEST_CASE("products of f32 on matrix units keep all of it", "[simt]") {
  for (const bool a_major : {false, true})
    for (const bool b_major : {false, true})
      for (const uint32_t tile : {64u, 128u})
        CHECK(worst_difference("f32", tile, a_major, b_major, Order::kRandom) < kSteps / 4);
}

TEST_CASE("products of f32 as tf32 keep 11 bits, as three of them nearly all", "[simt]") {
  for (const bool a_major : {false, true})
    for (const bool b_major : {false, true})
      for (const uint32_t tile : {64u, 128u}) {
        const double once = worst_difference("tf32", tile, a_major, b_major, Order::kRandom),
                     thrice = worst_difference("tf32x3", tile, a_major, b_major, Order::kRandom);
        CHECK(once < 0x1p13);
        CHECK(thrice < kSteps);
        // Elsewhere fragments are computed lane by lane, in f32.
        if (SIMT_MATRIX_UNITS == SIMT_MMA) CHECK(once > 0x1p8);
      }
}

TEST_CASE("rows of an operand may be more than 4 GiB apart", "[simt]") {
  constexpr uint64_t kM = 2, kN = 3, kK = 5, kApart = uint64_t{5} << 30;  // elements of 4 bytes
  const size_t bytes = (kApart + kK) * sizeof(float);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) RLX_SKIP("no 20 GiB of address space");
  auto* a = static_cast<float*>(memory);
  std::vector<float> b(kK * kN, 1), y(kM * kN);
  for (uint64_t i = 0; i < kK; ++i) {
    a[i] = 1;
    a[kApart + i] = 2;
  }
  simt::MatmulParams p{};
  p.a = reinterpret_cast<simt::Address>(a);
  p.b = address(b);
  p.y = address(y);
  p.m = kM;
  p.n = kN;
  p.k = kK;
  p.batches = 1;
  p.a_row = static_cast<int64_t>(kApart);
  p.a_column = p.b_column = 1;
  p.b_row = kN;
  p.tiles_n = 1;
  CHECK(launch("matmul<f32, 32>", p, 1, 64, 2 * 16 * 33 * 4, Order::kForward) == "");
  for (uint64_t i = 0; i < kM * kN; ++i) CHECK(y[i] == (i < kN ? 5.0f : 10.0f));
  munmap(memory, bytes);
}
