// Softmax and cross entropy. Gradients are compared with differences of the forward op.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <cmath>
#include <limits>

using namespace tests;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const Value kLogits = tensor(kF64, {3, 3}, {1, 2, 3, -1, 0, 1, 5, 5, 5});

Attrs loss_attrs(const char* reduction) {
  return {{"ignore_index", -100}, {"reduction", reduction}};
}

Dims loss_dims(const std::string& reduction) {
  return reduction == "none" ? Dims{3} : Dims{};
}

Value loss(const char* reduction, const Value& logits, const Value& labels) {
  return run_one("softmax_cross_entropy", loss_attrs(reduction), {logits, labels}, {kF64, loss_dims(reduction)});
}

}  // namespace

TEST_CASE("softmax along any axis sums to one", "[ref]") {
  const Value x = f32({2, 2}, {0, 1, 2, 4});
  const double a = 1 / (1 + std::exp(1.0)), b = 1 / (1 + std::exp(2.0)), c = 1 / (1 + std::exp(3.0));
  require_close(run_one("softmax", {{"axis", 1}}, {x}, {kF32, {2, 2}}), {a, 1 - a, b, 1 - b});
  require_close(run_one("softmax", {{"axis", 0}}, {x}, {kF32, {2, 2}}), {b, c, 1 - b, 1 - c});
  require_close(run_one("log_softmax", {{"axis", 1}}, {x}, {kF32, {2, 2}}),
                {std::log(a), std::log(1 - a), std::log(b), std::log(1 - b)});
}

TEST_CASE("softmax subtracts the maximum", "[ref]") {
  require_close(run_one("softmax", {{"axis", 0}}, {f32({2}, {1e4, 1e4})}, {kF32, {2}}), {0.5, 0.5});
  require_close(run_one("log_softmax", {{"axis", 0}}, {f32({2}, {-1e4, 0})}, {kF32, {2}}), {-1e4, 0});
  require_close(run_one("softmax", {{"axis", 0}}, {f32({2}, {kNaN, 0})}, {kF32, {2}}), {kNaN, kNaN});
  REQUIRE(numbers(run_one("softmax", {{"axis", 1}}, {f32({2, 0}, {})}, {kF32, {2, 0}})).empty());
}

TEST_CASE("cross entropy ignores rows and reduces over the others", "[ref]") {
  // −log softmax: 0.40760596 at the largest of three steps, 1.40760596 in the middle, log 3 for equal ones.
  const Value labels = i64({3}, {2, -100, 0});
  require_close(loss("none", kLogits, labels), {0.40760596444, 0, 1.09861228867}, 1e-9);
  require_close(loss("sum", kLogits, labels), {1.50621825311}, 1e-9);
  require_close(loss("mean", kLogits, labels), {0.753109126555}, 1e-9);
  require_close(loss("mean", kLogits, integers(kI32, {3}, {1, 1, 1})), {(1.40760596444 * 2 + 1.09861228867) / 3}, 1e-9);
  require_close(loss("mean", kLogits, i64({3}, {-100, -100, -100})), {kNaN});
}

TEST_CASE("a label that is no class fails the run", "[ref]") {
  for (int64_t label : {int64_t{3}, int64_t{-1}})
    REQUIRE(failure_of("softmax_cross_entropy", loss_attrs("mean"), {kLogits, i64({3}, {0, label, 1})}, {{kF64, {}}})
                .code == RLX_OUT_OF_RANGE);
}

TEST_CASE("the gradient of cross entropy agrees with differences", "[ref]") {
  constexpr double kStep = 1e-6;
  const Value labels = i64({3}, {2, -100, 0});
  for (const char* reduction : {"none", "sum", "mean"}) {
    const Value dy = tensor(kF64, loss_dims(reduction),
                            loss_dims(reduction).empty() ? std::vector<double>{2} : std::vector<double>{2, 3, 5});
    const std::vector<double> weights = numbers(dy);
    std::vector<double> expected;
    for (size_t i = 0; i < 9; ++i) {
      const auto weighted = [&](double step) {
        std::vector<double> x = numbers(kLogits);
        x[i] += step;
        const std::vector<double> l = numbers(loss(reduction, tensor(kF64, {3, 3}, x), labels));
        double sum = 0;
        for (size_t n = 0; n < l.size(); ++n) sum += weights[n] * l[n];
        return sum;
      };
      expected.push_back((weighted(kStep) - weighted(-kStep)) / (2 * kStep));
    }
    INFO(reduction);
    require_close(
        run_one("softmax_cross_entropy_backward", loss_attrs(reduction), {kLogits, labels, dy}, {kF64, {3, 3}}),
        expected, 1e-7);
  }
}
