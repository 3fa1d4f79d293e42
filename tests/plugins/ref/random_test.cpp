// Random ops: the generator's published words, the formulas on top of them, and that runs differ.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <rlx/sdk/sampling.hpp>

#include <cmath>

using namespace tests;
using Ints = std::vector<int64_t>;

namespace {

// The known answers of Philox4x32-10.
constexpr uint32_t kZeroWords[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};  // counter 0, key 0

double uniform_of(uint32_t word) {
  return static_cast<double>(word >> 8) / 16777216.0;
}

Attrs uniform_attrs(int64_t count, int64_t seed, int64_t key, double low = 0, double high = 1) {
  return {{"shape", Ints{count}}, {"low", low}, {"high", high}, {"seed", seed}, {"key", key}, {"to", DTypeValue{kF64}}};
}

std::vector<double> uniform(int64_t count, int64_t seed, int64_t key, int runs = 1) {
  return numbers(run_node("random_uniform", uniform_attrs(count, seed, key), {},
                          {{kF64, {static_cast<uint64_t>(count)}}}, runs)[0]);
}

}  // namespace

TEST_CASE("random_uniform draws the words of Philox", "[ref]") {
  const std::vector<double> u = uniform(5, 0, 0);
  for (int i = 0; i < 4; ++i) REQUIRE(u[static_cast<size_t>(i)] == uniform_of(kZeroWords[i]));
  require_close(run_one("random_uniform", uniform_attrs(2, 0, 0, -1, 3), {}, {kF64, {2}}), {4 * u[0] - 1, 4 * u[1] - 1},
                0);
}

TEST_CASE("seed and node key are combined, and each run draws anew", "[ref]") {
  REQUIRE(uniform(8, 0x1234567890, 0x55, 1) == uniform(8, 0x1234567890 ^ 0x55, 0, 1));
  REQUIRE(uniform(8, 1, 0) != uniform(8, 2, 0));
  REQUIRE(uniform(8, int64_t{1} << 40, 0) != uniform(8, 0, 0));
  REQUIRE(uniform(8, 0, 0, 2) != uniform(8, 0, 0, 1));
  REQUIRE(uniform(8, 0, 0, 2) == uniform(8, 0, 0, 2));
}

TEST_CASE("random_uniform is uniform", "[ref]") {
  const std::vector<double> u = uniform(20000, 42, 7);
  double mean = 0, square = 0;
  for (double v : u) {
    REQUIRE((v >= 0 && v < 1));
    mean += v / 20000;
    square += v * v / 20000;
  }
  REQUIRE(std::fabs(mean - 0.5) < 0.01);
  REQUIRE(std::fabs(square - 1.0 / 3) < 0.01);
}

TEST_CASE("random_normal is Box-Muller on pairs of words", "[ref]") {
  const Attrs attrs{{"shape", Ints{4}}, {"mean", 10.0}, {"scale", 2.0},
                    {"seed", 0},        {"key", 0},     {"to", DTypeValue{kF64}}};
  std::vector<double> expected;
  for (int pair = 0; pair < 4; pair += 2) {
    const double u1 = static_cast<double>((kZeroWords[pair] >> 8) + 1) / 16777216.0;
    const double angle = 2 * std::acos(-1.0) * uniform_of(kZeroWords[pair + 1]);
    expected.push_back(10 + 2 * std::sqrt(-2 * std::log(u1)) * std::cos(angle));
    expected.push_back(10 + 2 * std::sqrt(-2 * std::log(u1)) * std::sin(angle));
  }
  require_close(run_one("random_normal", attrs, {}, {kF64, {4}}), expected, 1e-12);
}

TEST_CASE("bernoulli compares the same numbers with p", "[ref]") {
  // u is 0.399, 0.881, 0.736 and 0.605.
  const Attrs attrs{{"seed", 0}, {"key", 0}, {"to", DTypeValue{kBool}}};
  REQUIRE(ints(run_one("bernoulli", attrs, {f32({4}, {0.5, 0.5, 0.8, 0.6})}, {kBool, {4}})) == Ints{1, 0, 1, 0});
  REQUIRE(ints(run_one("bernoulli", attrs, {f32({4}, {0, 1, 0, 1})}, {kBool, {4}})) == Ints{0, 1, 0, 1});
}

TEST_CASE("dropout scales what it keeps, and only when training", "[ref]") {
  const Value x = f32({4}, {1, 2, 3, 4});
  const auto run = [&](bool train) {
    return run_node("dropout", {{"ratio", 0.5}, {"train", train}, {"seed", 0}, {"key", 0}}, {x},
                    {{kF32, {4}}, {kBool, {4}}});
  };
  require_close(run(true)[0], {0, 4, 6, 8}, 0);
  REQUIRE(ints(run(true)[1]) == Ints{0, 1, 1, 1});
  require_close(run(false)[0], {1, 2, 3, 4}, 0);
  REQUIRE(ints(run(false)[1]) == Ints{1, 1, 1, 1});
}

TEST_CASE("sample's weights are powers of two", "[ref]") {
  REQUIRE(rlx::sdk::sample_weight(0) == rlx::sdk::kSampleOne);
  REQUIRE(rlx::sdk::sample_weight(0x1p32) == rlx::sdk::kSampleOne / 2);
  REQUIRE(rlx::sdk::sample_weight(31 * 0x1p32) == 1);
  REQUIRE(rlx::sdk::sample_weight(0x1p37) == 0);
  REQUIRE(rlx::sdk::sample_weight(INFINITY) == 0);
  REQUIRE(rlx::sdk::sample_weight(NAN) == 0);
  for (double halvings = 0; halvings < 31; halvings += 0.0137) {
    const double exact = rlx::sdk::kSampleOne * std::exp2(-halvings);
    INFO(halvings);
    REQUIRE(std::fabs(rlx::sdk::sample_weight(halvings * 0x1p32) - exact) <= 1 + exact * 0x1p-29);
  }
}

TEST_CASE("sample's target is the high half of a product", "[ref]") {
  REQUIRE(rlx::sdk::sample_target(~uint64_t{0}, ~uint64_t{0}) == ~uint64_t{0} - 1);
  REQUIRE(rlx::sdk::sample_target(uint64_t{1} << 63, 7) == 3);
  REQUIRE(rlx::sdk::sample_target(0x123456789abcdef0, 0xfedcba9876543210) == 0x121fa00ad77d7422);
}

TEST_CASE("sample draws ids as often as softmax says", "[ref]") {
  constexpr uint64_t kRows = 20000;
  const std::vector<double> logits = {0, 2, 1, -1};
  std::vector<double> rows;
  for (uint64_t i = 0; i < kRows; ++i) rows.insert(rows.end(), logits.begin(), logits.end());
  const auto shares = [&](double temperature, int64_t top_k, double top_p, double min_p) {
    const Attrs attrs{
        {"temperature", temperature}, {"top_k", top_k}, {"top_p", top_p}, {"min_p", min_p}, {"seed", 5}, {"key", 0}};
    std::vector<double> share(4);
    for (const int64_t id : ints(run_one("sample", attrs, {f32({kRows, 4}, rows)}, {kI64, {kRows}})))
      share[static_cast<size_t>(id)] += 1.0 / kRows;
    return share;
  };
  // Softmax over those that the filters leave.
  const auto expect = [&](double temperature, std::vector<size_t> kept) {
    std::vector<double> share(4);
    double sum = 0;
    for (const size_t i : kept) sum += std::exp(logits[i] / temperature);
    for (const size_t i : kept) share[i] = std::exp(logits[i] / temperature) / sum;
    return share;
  };
  const auto close = [](const std::vector<double>& a, const std::vector<double>& b) {
    for (size_t i = 0; i < 4; ++i) REQUIRE(std::fabs(a[i] - b[i]) < 0.015);
  };
  close(shares(1, 0, 1, 0), expect(1, {0, 1, 2, 3}));
  close(shares(3, 0, 1, 0), expect(3, {0, 1, 2, 3}));
  close(shares(1, 2, 1, 0), expect(1, {1, 2}));
  close(shares(1, 0, 0.7, 0), expect(1, {1, 2}));  // 0.64 alone is not enough
  close(shares(1, 0, 1, 0.3), expect(1, {1, 2}));  // 0.37 of the largest, 0.14 is not
  close(shares(1, 3, 0.95, 0), expect(1, {0, 1, 2}));
  REQUIRE(shares(0, 0, 1, 0)[1] > 0.999);
}
