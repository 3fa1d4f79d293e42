// Unary kinds against values from a mathematics library in double, and their derivatives against differences.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <cmath>
#include <limits>

using namespace tests;

namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Golden {
  const char* kind;
  double alpha, beta;
  std::vector<double> y;
};

// At −2.5, −0.3, 0, 0.7 and 3.5.
const Golden kEverywhere[] = {
    {"gelu", 0, 0, {-0.0155241633, -0.114626573, 0, 0.530625443, 3.4991858}},
    {"gelu_tanh", 0, 0, {-0.0150842661, -0.114629076, 0, 0.530570135, 3.4993838}},
    {"silu", 0, 0, {-0.18964545, -0.127667245, 0, 0.467731441, 3.39740719}},
    {"relu", 0, 0, {0, 0, 0, 0.7, 3.5}},
    {"leaky_relu", 0.01, 0, {-0.025, -0.003, 0, 0.7, 3.5}},
    {"elu", 1, 0, {-0.917915001, -0.259181779, 0, 0.7, 3.5}},
    {"selu",
     1.67326319217681884765625,
     1.05070102214813232421875,
     {-1.61378576, -0.455667317, 0, 0.735490716, 3.67745358}},
    {"celu", 2, 0, {-1.42699041, -0.278584047, 0, 0.7, 3.5}},
    {"hard_sigmoid", 0.2, 0.5, {0, 0.44, 0.5, 0.64, 1}},
    {"hard_swish", 0, 0, {-0.208333333, -0.135, 0, 0.431666667, 3.5}},
    {"mish", 0, 0, {-0.196816204, -0.151133177, 0, 0.561148378, 3.49399072}},
    {"softplus", 0, 0, {0.0788897343, 0.554355244, 0.693147181, 1.10318605, 3.52975042}},
    {"softsign", 0, 0, {-0.714285714, -0.230769231, 0, 0.411764706, 0.777777778}},
    {"thresholded_relu", 1, 0, {0, 0, 0, 0, 3.5}},
    {"shrink", 0.5, 0.25, {-2.25, 0, 0, 0.45, 3.25}},
    {"sigmoid", 0, 0, {0.07585818, 0.425557483, 0.5, 0.668187772, 0.970687769}},
    {"tanh", 0, 0, {-0.986614298, -0.291312612, 0, 0.604367777, 0.998177898}},
    {"exp", 0, 0, {0.0820849986, 0.740818221, 1, 2.01375271, 33.115452}},
    {"expm1", 0, 0, {-0.917915001, -0.259181779, 0, 1.01375271, 32.115452}},
    {"neg", 0, 0, {2.5, 0.3, 0, -0.7, -3.5}},
    {"abs", 0, 0, {2.5, 0.3, 0, 0.7, 3.5}},
    {"sign", 0, 0, {-1, -1, 0, 1, 1}},
    {"floor", 0, 0, {-3, -1, 0, 0, 3}},
    {"ceil", 0, 0, {-2, 0, 0, 1, 4}},
    {"round", 0, 0, {-2, 0, 0, 1, 4}},
    {"trunc", 0, 0, {-2, 0, 0, 0, 3}},
    {"sin", 0, 0, {-0.598472144, -0.295520207, 0, 0.644217687, -0.350783228}},
    {"cos", 0, 0, {-0.801143616, 0.955336489, 1, 0.764842187, -0.936456687}},
    {"tan", 0, 0, {0.747022297, -0.30933625, 0, 0.84228838, 0.37458564}},
    {"atan", 0, 0, {-1.19028995, -0.291456794, 0, 0.610725964, 1.29249667}},
    {"sinh", 0, 0, {-6.05020448, -0.304520293, 0, 0.758583702, 16.5426273}},
    {"cosh", 0, 0, {6.13228948, 1.04533851, 1, 1.25516901, 16.5728247}},
    {"asinh", 0, 0, {-1.64723115, -0.295673048, 0, 0.652666566, 1.96572047}},
    {"erf", 0, 0, {-0.999593048, -0.328626759, 0, 0.677801194, 0.999999257}},
};

// At 0.1, 0.5 and 0.9.
const Golden kBetweenZeroAndOne[] = {
    {"log", 0, 0, {-2.30258509, -0.693147181, -0.105360516}},
    {"log1p", 0, 0, {0.0953101798, 0.405465108, 0.641853886}},
    {"sqrt", 0, 0, {0.316227766, 0.707106781, 0.948683298}},
    {"rsqrt", 0, 0, {3.16227766, 1.41421356, 1.05409255}},
    {"recip", 0, 0, {10, 2, 1.11111111}},
    {"asin", 0, 0, {0.100167421, 0.523598776, 1.11976951}},
    {"acos", 0, 0, {1.47062891, 1.04719755, 0.451026812}},
    {"atanh", 0, 0, {0.100335348, 0.549306144, 1.47221949}},
};

Attrs attrs_of(const Golden& g) {
  return {{"kind", g.kind}, {"alpha", g.alpha}, {"beta", g.beta}};
}

Value unary(const Golden& g, const Value& x) {
  return run_one("unary", attrs_of(g), {x}, {x.dtype, x.dims});
}

// dy·f'(x) for dy = 2, against the central difference of the plugin's own f in f64.
void require_derivative(const Golden& g, const std::vector<double>& points) {
  constexpr double kStep = 1e-5;
  INFO(g.kind);
  const Dims dims{points.size()};
  std::vector<double> above = points, below = points;
  for (double& v : above) v += kStep;
  for (double& v : below) v -= kStep;
  const std::vector<double> f1 = numbers(unary(g, tensor(kF64, dims, above)));
  const std::vector<double> f0 = numbers(unary(g, tensor(kF64, dims, below)));
  std::vector<double> expected;
  for (size_t i = 0; i < points.size(); ++i) expected.push_back(2 * (f1[i] - f0[i]) / (2 * kStep));
  const Value dy = tensor(kF64, dims, std::vector<double>(points.size(), 2.0));
  require_close(run_one("unary_backward", attrs_of(g), {tensor(kF64, dims, points), dy}, {kF64, dims}), expected, 1e-6);
}

}  // namespace

TEST_CASE("unary kinds have the values of their formulas", "[ref]") {
  for (const Golden& g : kEverywhere) {
    INFO(g.kind);
    require_close(unary(g, tensor(kF64, {5}, {-2.5, -0.3, 0, 0.7, 3.5})), g.y, 1e-7);
  }
  for (const Golden& g : kBetweenZeroAndOne) {
    INFO(g.kind);
    require_close(unary(g, tensor(kF64, {3}, {0.1, 0.5, 0.9})), g.y, 1e-7);
  }
  require_close(unary({"acosh", 0, 0, {}}, tensor(kF64, {3}, {1, 1.5, 4})), {0, 0.96242365, 2.06343707}, 1e-7);
}

TEST_CASE("derivatives of unary kinds agree with differences", "[ref]") {
  // Away from kinks and jumps.
  for (const Golden& g : kEverywhere) require_derivative(g, {-3.3, -2.4, -0.3, 0.2, 0.8, 3.3});
  for (const Golden& g : kBetweenZeroAndOne) require_derivative(g, {0.3, 0.5, 0.9});
  require_derivative({"acosh", 0, 0, {}}, {1.5, 4});
}

TEST_CASE("a kind without a derivative is refused", "[ref]") {
  const Value x = f32({1}, {1});
  REQUIRE(
      failure_of("unary_backward", {{"kind", "is_nan"}, {"alpha", 0.0}, {"beta", 0.0}}, {x, x}, {{kF32, {1}}}).code ==
      RLX_INVALID_ARGUMENT);
}

TEST_CASE("relu_backward passes the gradient where x is positive", "[ref]") {
  require_close(run_one("relu_backward", {}, {f32({4}, {-1, 0, 2, kNaN}), f32({4}, {5, 6, 7, 8})}, {kF32, {4}}),
                {0, 0, 7, 0}, 0);
}

TEST_CASE("round is half to even and softplus does not overflow", "[ref]") {
  require_close(unary({"round", 0, 0, {}}, f32({5}, {0.5, 1.5, 2.5, -0.5, -1.5})), {0, 2, 2, 0, -2}, 0);
  require_close(unary({"softplus", 0, 0, {}}, f32({2}, {1000, -1000})), {1000, 0}, 0);
}

TEST_CASE("NaN passes through relu and sign", "[ref]") {
  for (const char* kind : {"relu", "sign", "leaky_relu", "elu", "hard_sigmoid", "abs"})
    require_close(unary({kind, 0.2, 0.5, {}}, f32({1}, {kNaN})), {kNaN});
}

TEST_CASE("is_nan and is_inf give bool, is_inf by sign", "[ref]") {
  const Value x = f32({4}, {kNaN, kInf, -kInf, 1});
  const auto run = [&](const char* kind, double alpha, double beta) {
    return ints(run_one("unary", {{"kind", kind}, {"alpha", alpha}, {"beta", beta}}, {x}, {kBool, {4}}));
  };
  using Ints = std::vector<int64_t>;
  REQUIRE(run("is_nan", 0, 0) == Ints{1, 0, 0, 0});
  REQUIRE(run("is_inf", 1, 1) == Ints{0, 1, 1, 0});
  REQUIRE(run("is_inf", 1, 0) == Ints{0, 0, 1, 0});
  REQUIRE(run("is_inf", 0, 1) == Ints{0, 1, 0, 0});
}

TEST_CASE("integer and bool kinds stay in their dtype", "[ref]") {
  const auto run = [](const char* kind, const Value& x, double alpha = 0, double beta = 0) {
    return ints(unary({kind, alpha, beta, {}}, x));
  };
  using Ints = std::vector<int64_t>;
  REQUIRE(run("neg", integers(kI8, {2}, {-128, 5})) == Ints{-128, -5});
  REQUIRE(run("abs", i64({2}, {INT64_MIN + 1, 5})) == Ints{INT64_MAX, 5});
  REQUIRE(run("sign", integers(kI32, {3}, {-9, 0, 4})) == Ints{-1, 0, 1});
  REQUIRE(run("relu", integers(kI32, {2}, {-9, 4})) == Ints{0, 4});
  REQUIRE(run("bit_not", integers(kU8, {1}, {0b1010})) == Ints{0b11110101});
  REQUIRE(run("not", tensor(kBool, {2}, {0, 1})) == Ints{1, 0});
  REQUIRE(run("shrink", integers(kI32, {3}, {-5, 1, 7}), 1.5, 2) == Ints{-3, 0, 5});
  REQUIRE(run("neg", integers(kU8, {1}, {1})) == Ints{255});
}

TEST_CASE("halves are computed in double and rounded once", "[ref]") {
  // e^1 = 2.71828…: the neighbours in f16 are 2.71679… and 2.71875.
  require_close(unary({"exp", 0, 0, {}}, tensor(kF16, {1}, {1})), {2.71875}, 0);
  require_close(unary({"exp", 0, 0, {}}, tensor(kBF16, {1}, {1})), {2.71875}, 0);
}
