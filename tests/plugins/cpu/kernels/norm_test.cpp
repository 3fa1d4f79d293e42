// softmax and the normalisations against their formulas.
#include "kernels/expect.hpp"

#include <algorithm>

namespace {

using namespace tests;

struct Split {
  uint64_t outer = 1, n = 1, inner = 1;
  Split(const Dims& d, size_t axis) {
    for (size_t i = 0; i < d.size(); ++i) (i < axis ? outer : i == axis ? n : inner) *= d[i];
  }
  // fn(index) over the elements of one slice along the axis.
  template <typename Fn>
  void slices(Fn&& fn) const {
    for (uint64_t o = 0; o < outer; ++o)
      for (uint64_t i = 0; i < inner; ++i) fn([=, *this](uint64_t k) { return (o * n + k) * inner + i; });
  }
};

Values softmax(const Dims& d, size_t axis, const Values& x, bool log) {
  Values y(x.size());
  const Split s(d, axis);
  s.slices([&](auto at) {
    double top = -1e300, sum = 0;
    for (uint64_t k = 0; k < s.n; ++k) top = std::max(top, x[at(k)]);
    for (uint64_t k = 0; k < s.n; ++k) sum += std::exp(x[at(k)] - top);
    for (uint64_t k = 0; k < s.n; ++k) y[at(k)] = log ? x[at(k)] - top - std::log(sum) : std::exp(x[at(k)] - top) / sum;
  });
  return y;
}

TEST_CASE("softmax along any axis equals its formula", "[cpu]") {
  const Dims d = GENERATE(Dims{1, 1, 1}, Dims{3, 5, 67}, Dims{2, 33, 200}, Dims{4, 1, 1000});
  const int64_t axis = GENERATE(0, 1, 2);
  const bool log = GENERATE(false, true);
  const Values x = random_values(count_of(d), seed(), -8, 8);
  for_each_target([&] {
    OneNode node(log ? "log_softmax" : "softmax", {{"axis", axis}});
    expect_close(node.in(d, x).out(d).run(2), softmax(d, size_t(axis), x, log), 2e-6, 2e-7);
  });
}

// gamma and beta run over the normalised row, or over its channels when a channel has spatial elements.
Values normalised(const Values& x, uint64_t row, double eps, bool rms, const Values& gamma, const Values& beta,
                  uint64_t spatial = 1) {
  Values y(x.size());
  for (uint64_t r = 0; r < x.size() / row; ++r) {
    double mean = 0, var = 0;
    for (uint64_t k = 0; k < row && !rms; ++k) mean += x[r * row + k] / double(row);
    for (uint64_t k = 0; k < row; ++k) var += (x[r * row + k] - mean) * (x[r * row + k] - mean) / double(row);
    for (uint64_t k = 0; k < row; ++k) {
      const double v = (x[r * row + k] - mean) / std::sqrt(var + eps);
      const uint64_t c = (r * row + k) / spatial;
      y[r * row + k] = v * (gamma.empty() ? 1 : gamma[c % gamma.size()]) + (beta.empty() ? 0 : beta[c % beta.size()]);
    }
  }
  return y;
}

TEST_CASE("layer_norm and rms_norm over trailing axes equal their formulas", "[cpu]") {
  const bool rms = GENERATE(false, true), affine = GENERATE(false, true);
  const Dims d = GENERATE(Dims{5, 1, 1}, Dims{3, 4, 19}, Dims{2, 7, 768});
  const int64_t axis = GENERATE(1, 2);
  uint64_t row = 1;
  for (size_t i = size_t(axis); i < d.size(); ++i) row *= d[i];
  const Dims tail(d.begin() + axis, d.end());
  const Values x = random_values(count_of(d), seed(), 2, 6);
  const Values gamma = affine ? random_values(row, seed() + 1) : Values{};
  const Values beta = affine ? random_values(row, seed() + 2) : Values{};
  for_each_target([&] {
    OneNode node(rms ? "rms_norm" : "layer_norm", {{"axis", axis}, {"eps", 1e-5}});
    node.in(d, x);
    if (affine) node.in(tail, gamma).in(tail, beta);
    expect_close(node.out(d).run(2), normalised(x, row, 1e-5, rms, gamma, beta), 5e-6, 5e-6);
  });
}

TEST_CASE("a residual is summed, kept and normalised", "[cpu]") {
  const std::string kind = GENERATE("layer", "rms");
  const Dims d{5, 130};
  const Values x = random_values(650, seed()), residual = random_values(650, seed() + 1);
  const Values gamma = random_values(130, seed() + 2);
  Values sum(650);
  for (size_t i = 0; i < sum.size(); ++i) sum[i] = x[i] + residual[i];
  OneNode node("fused_residual_norm", {{"kind", kind}, {"axis", int64_t{1}}, {"eps", 1e-5}});
  node.in(d, x).in(d, residual).in({130}, gamma).out(d).out(d);
  expect_close(node.run(), normalised(sum, 130, 1e-5, kind == "rms", gamma, {}), 5e-6, 5e-6);
  REQUIRE(node.output(1) == sum);
}

TEST_CASE("group_norm and instance_norm equal their formulas", "[cpu]") {
  const uint64_t groups = GENERATE(1u, 2u, 6u);
  const Dims d = GENERATE(Dims{2, 6, 5, 7}, Dims{1, 6, 90}, Dims{3, 6});
  uint64_t spatial = 1;
  for (size_t i = 2; i < d.size(); ++i) spatial *= d[i];
  const Values x = random_values(count_of(d), seed()), gamma = random_values(6, seed() + 1);
  const Values beta = random_values(6, seed() + 2);
  const Values want = normalised(x, 6 / groups * spatial, 1e-3, false, gamma, beta, spatial);
  OneNode group("group_norm", {{"groups", int64_t(groups)}, {"eps", 1e-3}});
  expect_close(group.in(d, x).in({6}, gamma).in({6}, beta).out(d).run(), want, 1e-5, 1e-5);
  if (groups != 6) return;
  OneNode instance("instance_norm", {{"eps", 1e-3}});
  expect_close(instance.in(d, x).in({6}, gamma).in({6}, beta).out(d).run(), want, 1e-5, 1e-5);
}

TEST_CASE("norms of values whose squares f32 cannot hold", "[cpu]") {
  const double scale = GENERATE(1e30, 1e-25);
  Values x{3, 4, 0, 0, 0, 0, 0, 0, 0, 0}, want{0.6, 0.8, 0, 0, 0, 0, 0, 0, 0, 0};
  for (double& v : x) v = float(v * scale);
  for_each_target([&] {
    OneNode l2("l2_norm", {{"axis", int64_t{0}}, {"eps", 0.0}});
    expect_close(l2.in({10}, x).out({10}).run(), want, 1e-6);
    OneNode layer("layer_norm", {{"axis", int64_t{0}}, {"eps", 1e-5}});
    expect_close(layer.in({10}, x).out({10}).run(), normalised(x, 10, 1e-5, false, {}, {}), 1e-5, 1e-20);
  });
}

TEST_CASE("layer_norm_2d normalises the channels of each pixel", "[cpu]") {
  const Dims d{2, 13, 9, 17};
  const Values x = random_values(count_of(d), seed()), gamma = random_values(13, seed() + 1);
  const Values beta = random_values(13, seed() + 2);
  Values want(x.size());
  const Split s(d, 1);
  const Split pixels({2, 13, 153}, 1);
  pixels.slices([&](auto at) {
    double mean = 0, var = 0;
    for (uint64_t c = 0; c < 13; ++c) mean += x[at(c)] / 13;
    for (uint64_t c = 0; c < 13; ++c) var += (x[at(c)] - mean) * (x[at(c)] - mean) / 13;
    for (uint64_t c = 0; c < 13; ++c) want[at(c)] = (x[at(c)] - mean) / std::sqrt(var + 1e-6) * gamma[c] + beta[c];
  });
  OneNode node("layer_norm_2d", {{"eps", 1e-6}});
  expect_close(node.in(d, x).in({13}, gamma).in({13}, beta).out(d).run(2), want, 1e-5, 1e-5);
}

TEST_CASE("swiglu multiplies one half of a row by the other's silu", "[cpu]") {
  const bool gate_first = GENERATE(false, true);
  const Values x = random_values(3 * 26, seed(), -4, 4);
  Values want;
  for (uint64_t r = 0; r < 3; ++r)
    for (uint64_t i = 0; i < 13; ++i) {
      const double first = x[r * 26 + i], second = x[r * 26 + 13 + i];
      const double gate = gate_first ? first : second, up = gate_first ? second : first;
      want.push_back(gate / (1 + std::exp(-gate)) * up);
    }
  for_each_target([&] {
    OneNode node("fused_swiglu", {{"gate_first", int64_t{gate_first}}});
    expect_close(node.in({3, 26}, x).out({3, 13}).run(), want, 1e-6, 1e-7);
  });
}

}  // namespace
