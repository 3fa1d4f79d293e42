// Elementwise kernels against plain loops: kinds, dtypes, broadcasts, odd sizes.
#include "kernels/expect.hpp"

#include <algorithm>
#include <limits>

namespace {

using namespace tests;

struct Unary {
  const char* kind;
  double (*formula)(double);
  double low, high;
};

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

const Unary kUnary[] = {
    {"exp", [](double x) { return std::exp(x); }, -100, 88},
    {"log", [](double x) { return std::log(x); }, 0, 300},
    {"log1p", [](double x) { return std::log1p(x); }, -0.9, 50},
    {"expm1", [](double x) { return std::expm1(x); }, -30, 80},
    {"tanh", [](double x) { return std::tanh(x); }, -12, 12},
    {"erf", [](double x) { return std::erf(x); }, -6, 6},
    {"sigmoid", sigmoid, -80, 80},
    {"silu", [](double x) { return x * sigmoid(x); }, -60, 60},
    {"gelu", [](double x) { return x * 0.5 * std::erfc(-x * std::sqrt(0.5)); }, -3, 8},
    {"gelu_tanh", [](double x) { return x * sigmoid(2 * 0.7978845608028654 * (x + 0.044715 * x * x * x)); }, -4, 8},
    {"softplus", [](double x) { return std::log1p(std::exp(x)); }, -40, 40},
    {"mish", [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }, -30, 30},
    {"rsqrt", [](double x) { return 1 / std::sqrt(x); }, 0, 100},
    {"round", [](double x) { return std::nearbyint(x); }, -9, 9},
    {"relu", [](double x) { return std::max(x, 0.0); }, -9, 9},
    {"sin", [](double x) { return std::sin(x); }, -9, 9},
};

TEST_CASE("unary kinds are within a few units in the last place of their formula", "[cpu]") {
  const Unary u = GENERATE(from_range(std::begin(kUnary), std::end(kUnary)));
  CAPTURE(u.kind);
  for_each_target([&] {
    const uint64_t n = 4099;
    const Values x = random_values(n, seed(), u.low, u.high);
    Values want;
    for (double v : x) want.push_back(u.formula(v));
    OneNode node("unary", {{"kind", std::string(u.kind)}, {"alpha", 0.0}, {"beta", 0.0}});
    // 4 ulp are 4.8e-7; gelu loses digits where Phi is small.
    const bool gelu = std::string(u.kind).find("gelu") == 0;
    expect_close(node.in({n}, x).out({n}).run(), want, 4.8e-7, gelu ? 2e-7 : 1e-38);
  });
}

TEST_CASE("infinities and NaN go through the elementary functions as through libm", "[cpu]") {
  const double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const Values x{inf, -inf, nan, 0, 100, -110};
  const std::pair<const char*, Values> cases[] = {{"exp", {inf, 0, nan, 1, inf, 0}},
                                                  {"sigmoid", {1, 0, nan, 0.5, 1, 0}},
                                                  {"tanh", {1, -1, nan, 0, 1, -1}},
                                                  {"erf", {1, -1, nan, 0, 1, -1}},
                                                  {"expm1", {inf, -1, nan, 0, inf, -1}},
                                                  {"relu", {inf, 0, nan, 0, 100, 0}},
                                                  {"log", {inf, nan, nan, -inf, 4.60517018598809, nan}}};
  for_each_target([&] {
    for (const auto& [kind, want] : cases) {
      INFO(kind);
      OneNode node("unary", {{"kind", std::string(kind)}, {"alpha", 0.0}, {"beta", 0.0}});
      expect_close(node.in({6}, x).out({6}).run(), want, 5e-7, 1e-40);
    }
  });
}

struct Shapes {
  Dims a, b, y;
};

// y's index to the index in a broadcast operand.
uint64_t source(const Dims& y, const Dims& x, uint64_t at) {
  uint64_t index = 0, step = 1;
  for (size_t i = 0; i < y.size(); ++i) {
    const size_t axis = y.size() - 1 - i;
    const uint64_t here = at % y[axis];
    at /= y[axis];
    if (i >= x.size()) continue;
    const uint64_t dim = x[x.size() - 1 - i];
    if (dim != 1) index += here * step;
    step *= dim;
  }
  return index;
}

const Shapes kShapes[] = {
    {{16}, {16}, {16}},
    {{1}, {1}, {1}},
    {{0, 3}, {3}, {0, 3}},
    {{7, 333}, {333}, {7, 333}},
    {{2, 5, 9, 11}, {5, 1, 1}, {2, 5, 9, 11}},
    {{40, 3}, {3}, {40, 3}},
    {{40, 1}, {1, 129}, {40, 129}},
    {{}, {2000}, {2000}},
    {{2, 1, 3, 1, 2}, {1, 4, 1, 5, 1}, {2, 4, 3, 5, 2}},
    {{3, 1100}, {3, 1}, {3, 1100}},
    {{60000}, {60000}, {60000}},
};

TEST_CASE("binary operands broadcast as in numpy for every dtype", "[cpu]") {
  const Shapes s = GENERATE(from_range(std::begin(kShapes), std::end(kShapes)));
  const rlx_dtype dtype = GENERATE(as<rlx_dtype>{}, RLX_DTYPE_F32, RLX_DTYPE_F16, RLX_DTYPE_BF16, RLX_DTYPE_F64,
                                   RLX_DTYPE_I8, RLX_DTYPE_I64);
  const unsigned threads = GENERATE(1u, 2u);
  Values a = random_values(count_of(s.a), seed()), b = random_values(count_of(s.b), seed() + 1);
  for (Values* v : {&a, &b})
    for (double& x : *v) x = std::nearbyint(x * 20);
  Values want(count_of(s.y));
  for (uint64_t i = 0; i < want.size(); ++i) want[i] = a[source(s.y, s.a, i)] - b[source(s.y, s.b, i)];
  for_each_target([&] {
    OneNode node("binary", {{"kind", std::string("sub")}});
    expect_close(node.in(s.a, a, dtype).in(s.b, b, dtype).out(s.y, dtype).run(threads), want, 0);
  });
}

TEST_CASE("integer arithmetic wraps, and division by zero gives zero", "[cpu]") {
  const auto run = [](const char* kind, Values a, Values b, rlx_dtype dtype) {
    const Dims d{a.size()};
    return OneNode("binary", {{"kind", std::string(kind)}}).in(d, a, dtype).in(d, b, dtype).out(d, dtype).run();
  };
  REQUIRE(run("add", {127, -128}, {1, -1}, RLX_DTYPE_I8) == Values{-128, 127});
  REQUIRE(run("mul", {65535}, {65535}, RLX_DTYPE_U16) == Values{1});
  REQUIRE(run("div", {-7, 7, -128}, {2, 0, -1}, RLX_DTYPE_I8) == Values{-3, 0, -128});
  REQUIRE(run("mod", {-7, 7, 7}, {3, -3, 0}, RLX_DTYPE_I32) == Values{2, -2, 0});
  REQUIRE(run("fmod", {-7, 7}, {3, -3}, RLX_DTYPE_I32) == Values{-1, 1});
  REQUIRE(run("pow", {-1, 2, 3}, {-3, -1, 4}, RLX_DTYPE_I32) == Values{-1, 0, 81});
  REQUIRE(run("shr", {-8, -8}, {1, 40}, RLX_DTYPE_I32) == Values{-4, 0});
}

TEST_CASE("where, compare and clamp follow their formulas", "[cpu]") {
  const uint64_t n = 301;
  const Values a = random_values(n, seed()), b = random_values(n, seed() + 1);
  Values less(n), chosen(n), clamped(n);
  for (uint64_t i = 0; i < n; ++i) {
    less[i] = a[i] < b[i];
    chosen[i] = less[i] != 0 ? a[i] : 0.25;
    clamped[i] = std::min(std::max(a[i], -0.25), 0.5);
  }
  const Dims d{n};
  REQUIRE(OneNode("compare", {{"kind", std::string("lt")}}).in(d, a).in(d, b).out(d, RLX_DTYPE_BOOL).run() == less);
  REQUIRE(OneNode("where", {}).in(d, less, RLX_DTYPE_BOOL).in(d, a).in({}, {0.25}).out(d).run() == chosen);
  REQUIRE(OneNode("clamp", {{"lo", -0.25}, {"hi", 0.5}}).in(d, a).out(d).run() == clamped);
  REQUIRE(OneNode("clamp", {{"lo", -9.0}, {"hi", 0.5}}).in(d, a).in({}, {-0.25}).out(d).run() == clamped);
  REQUIRE(OneNode("clamp", {{"lo", -0.25}, {"hi", 9.0}}).in(d, a).absent().in({}, {0.5}).out(d).run() == clamped);
}

TEST_CASE("cast rounds, saturates and wraps by the contract", "[cpu]") {
  const auto run = [](Values v, rlx_dtype from, rlx_dtype to) {
    const Dims d{v.size()};
    return OneNode("cast", {{"to", Dtype{int64_t(to)}}}).in(d, v, from).out(d, to).run();
  };
  for_each_target([&] {
    REQUIRE(run({1.5, -2.75, 300, NAN}, RLX_DTYPE_F32, RLX_DTYPE_I8) == Values{1, -2, 127, 0});
    REQUIRE(run({300, -1}, RLX_DTYPE_I32, RLX_DTYPE_U8) == Values{44, 255});
    REQUIRE(run({0, 0.5, -3}, RLX_DTYPE_F16, RLX_DTYPE_BOOL) == Values{0, 1, 1});
    Values x, half, brain;
    for (int i = 0; i < 41; ++i) x.push_back(1 + i / 8192.0);
    for (double v : x) {
      half.push_back(rlx::sdk::to_float(rlx::sdk::to_f16(float(v))));
      brain.push_back(rlx::sdk::to_float(rlx::sdk::to_bf16(float(v))));
    }
    REQUIRE(run(x, RLX_DTYPE_F32, RLX_DTYPE_F16) == half);
    REQUIRE(run(x, RLX_DTYPE_F32, RLX_DTYPE_BF16) == brain);
    REQUIRE(run(half, RLX_DTYPE_F16, RLX_DTYPE_F32) == half);
  });
}

}  // namespace
