// Products with packed weights: every order of threads, rows that begin anywhere, and what x may hold.
#include "kernels/launch.hpp"
#include "packed_blocks.hpp"

using namespace tests;
namespace quant = rlx::sdk::quant;

namespace {

struct Weights {
  unsigned scheme;
  uint64_t rows, depth, row_bytes;
  std::vector<unsigned char> memory;  // one byte more than the weights
  std::vector<double> numbers;

  Weights(unsigned s, uint64_t n, uint64_t k) : scheme(s), rows(n), depth(k) {
    const quant::Layout layout = quant::layout_of(s);
    row_bytes = k / layout.values * layout.bytes;
    std::mt19937_64 random(seed());
    memory.resize(n * row_bytes + 1);
    for (unsigned char& b : memory) b = static_cast<unsigned char>(random());
    put_ordinary_scales(s, memory.data(), n * row_bytes, random);
    for (uint64_t i = 0; i < n * k; ++i) {
      const auto within = static_cast<unsigned>(i % layout.values);
      const unsigned char* block = memory.data() + i / layout.values * layout.bytes;
      const auto group = quant::group_affine(s, block, quant::block_affine<double>(s, block), within / layout.group);
      numbers.push_back(group.scale * double{quant::number_of_code(s, quant::raw_code(s, block, within), true)} +
                        group.offset);
    }
  }
  // So that no row is aligned.
  void shift() {
    std::copy_backward(memory.begin(), memory.end() - 1, memory.end());
    ++first;
  }
  simt::PackedWeights params() {
    simt::PackedWeights w{};
    w.bytes = address(memory) + first;
    w.row_bytes = row_bytes;
    w.block = static_cast<uint32_t>(depth);
    w.blocks = 1;
    w.is_signed = 1;
    return w;
  }
  std::string text() const { return std::string("scheme_named(\"") + quant::layout_of(scheme).name + "\")"; }

 private:
  size_t first = 0;
};

// x·wᵀ by the kernels for a few rows.
std::vector<float> few_rows(Weights& w, std::vector<float> x, Order order) {
  const uint64_t rows = x.size() / w.depth, runs = x.size() / 16;
  std::vector<float> y(rows * w.rows);
  std::vector<simt::Address> split(runs * (48 + 8) / 8 + 2);  // begins at a multiple of 8
  simt::SplitParams s{};
  s.x = address(x);
  s.split = (address(split) + 15) / 16 * 16;
  s.runs = runs;
  REQUIRE(launch("split_rows<f32>", s, 2, SIMT_WARP, 0, order) == "");
  simt::PackedMatmulParams p{};
  p.product.a = s.x;
  p.product.y = address(y);
  p.product.m = rows;
  p.product.n = w.rows;
  p.product.k = w.depth;
  p.product.batches = 1;
  p.w = w.params();
  p.split = s.split;
  REQUIRE(launch("packed_rows<f32, " + w.text() + ">", p, 2, 2 * SIMT_WARP, 0, order) == "");
  return y;
}

void check(const Weights& w, const std::vector<float>& x, const std::vector<float>& y) {
  for (uint64_t i = 0; i < y.size(); ++i) {
    double sum = 0, size = 0;
    for (uint64_t k = 0; k < w.depth; ++k) {
      const double term = double{x[i / w.rows * w.depth + k]} * w.numbers[i % w.rows * w.depth + k];
      sum += term;
      size += std::fabs(term);
    }
    INFO(w.text() << ", element " << i);
    // A few roundings of f32 in sums of as many terms.
    REQUIRE(std::fabs(y[i] - sum) <= 4e-7 * size);
  }
}

}  // namespace

TEST_CASE("a few rows with packed weights are exact to f32 in every order of threads", "[simt]") {
  for (const unsigned scheme :
       {quant::kQ4_K, quant::kQ5_0, quant::kQ6_K, quant::kIq4Xs, quant::kNvfp4, quant::kFp8E5m2})
    for (const Order order : kOrders) {
      Weights w(scheme, 7, 1280);
      const std::vector<float> x = random_floats(3 * 1280);
      check(w, x, few_rows(w, x, order));
    }
}

TEST_CASE("packed rows may begin at any byte", "[simt]") {
  for (unsigned scheme = 0; scheme < quant::kSchemes; ++scheme) {
    if (quant::layout_of(scheme).beside == quant::kMustZero) continue;
    Weights w(scheme, 3, 256);
    w.shift();
    const std::vector<float> x = random_floats(256);
    check(w, x, few_rows(w, x, Order::kForward));
  }
}

TEST_CASE("x may be tiny, huge, zero and of very different sizes", "[simt]") {
  Weights w(quant::kQ4_0, 3, 64);
  std::vector<float> x = random_floats(64);
  for (size_t i = 0; i < 16; ++i) x[i] = 0, x[16 + i] *= 1e-25f, x[32 + i] *= 1e25f;
  check(w, x, few_rows(w, x, Order::kForward));
  std::fill(x.begin(), x.end(), 0.0f);
  x[5] = 3e-30f;
  check(w, x, few_rows(w, x, Order::kForward));
}

TEST_CASE("an x that is not finite makes every result so", "[simt]") {
  Weights w(quant::kQ8_0, 2, 32);
  w.memory[2 + 7] = 5;
  w.memory[34 + 2 + 7] = 0x80;
  std::vector<float> x = random_floats(32);
  x[7] = std::numeric_limits<float>::infinity();
  for (const float y : few_rows(w, x, Order::kForward)) CHECK(std::isinf(y));
  x[9] = std::numeric_limits<float>::quiet_NaN();
  for (const float y : few_rows(w, x, Order::kForward)) CHECK(std::isnan(y));
}
