// Normalisations against values of an independent computation, their gradients against differences.
#include "catch.hpp"
#include "plugins/host/node_runner.hpp"

#include <limits>

using namespace tests;

namespace {

const std::vector<double> kXData = {-0.62, -0.95, -0.59, 0.4, 0.56, -0.95, 0.16, -1, 0.03, 0.28, 0.97, -0.48};
const Value kX = f32({2, 2, 3}, kXData);
const Value kGamma = f32({2, 3}, {0.6, 0.74, 0.85, -1, -0.06, 0.96});
const Value kBeta = f32({2, 3}, {-0.2, 0.63, 0.09, 0.54, -0.03, -0.94});
const Value kImage = f32({1, 4, 1, 2}, {-0.83, -0.78, -0.5, 0.93, 0.26, 0.63, 0.13, 0.27});
const Value kGamma4 = f32({4}, {0.62, 0.85, 0.83, 0.65});
const Value kBeta4 = f32({4}, {-0.81, -0.28, -0.93, 0.09});
const Type kXType = {kF32, {2, 2, 3}}, kImageType = {kF32, {1, 4, 1, 2}};

const std::vector<double> kLayer = {-0.456908942,  -0.086454131, -0.232227086, -0.700908373, -0.120163584, -1.86945401,
                                    -0.0376358541, -0.563484715, 0.140603492,  0.074556115,  -0.12514539,  -1.67778268};
const std::vector<double> kRms = {-0.725116353,  -0.362356978, -0.617918954, -0.0246412395, -0.0774298641, -2.22738203,
                                  -0.0441377016, -0.571438551, 0.131400923,  0.0854016295,  -0.124491518,  -1.68813903};

Attrs trailing(double eps) {
  return {{"axis", 1}, {"eps", eps}};
}

// dx of Σ dy·norm(x) by central differences in f64; operand is 0 for x, 1 for γ, 2 for β.
std::vector<double> differences(const std::string& op, const Attrs& attrs, std::vector<Value> inputs, size_t operand,
                                const Value& dy) {
  constexpr double kStep = 1e-6;
  const std::vector<double> weights = numbers(dy);
  std::vector<double> gradient;
  for (size_t i = 0; i < inputs[operand].elements(); ++i) {
    const auto weighted = [&](double step) {
      std::vector<Value> moved = inputs;
      std::vector<double> values = numbers(moved[operand]);
      values[i] += step;
      moved[operand] = tensor(kF64, moved[operand].dims, values);
      const std::vector<double> y =
          numbers(run_one(op, attrs, Inputs(moved.begin(), moved.end()), {kF64, inputs[0].dims}));
      double sum = 0;
      for (size_t n = 0; n < y.size(); ++n) sum += weights[n] * y[n];
      return sum;
    };
    gradient.push_back((weighted(kStep) - weighted(-kStep)) / (2 * kStep));
  }
  return gradient;
}

void require_gradients(const std::string& op, const Attrs& attrs, const Attrs& beta_attrs, const Value& x,
                       const Value& gamma) {
  INFO(op);
  std::vector<double> zeros(gamma.elements());
  const std::vector<Value> inputs = {tensor(kF64, x.dims, numbers(x)), tensor(kF64, gamma.dims, numbers(gamma)),
                                     tensor(kF64, gamma.dims, zeros)};
  std::vector<double> slopes;
  for (size_t i = 0; i < x.elements(); ++i) slopes.push_back(0.3 * static_cast<double>(i % 5) - 0.5);
  const Value dy = tensor(kF64, x.dims, slopes);
  require_close(run_one(op + "_backward_input", attrs, {inputs[0], inputs[1], dy}, {kF64, x.dims}),
                differences(op, attrs, inputs, 0, dy), 1e-7);
  require_close(run_one(op + "_backward_gamma", attrs, {inputs[0], dy}, {kF64, gamma.dims}),
                differences(op, attrs, inputs, 1, dy), 1e-7);
  require_close(run_one(op + "_backward_beta", beta_attrs, {dy}, {kF64, gamma.dims}),
                differences(op, attrs, inputs, 2, dy), 1e-7);
}

}  // namespace

TEST_CASE("layer_norm and rms_norm over the trailing axes", "[ref]") {
  require_close(run_one("layer_norm", trailing(1e-5), {kX, kGamma, kBeta}, kXType), kLayer);
  require_close(run_one("rms_norm", trailing(1e-6), {kX, kGamma, kBeta}, kXType), kRms);
  require_close(run_one("layer_norm", {{"axis", 1}, {"eps", 0.0}}, {f32({1, 2}, {3, 5})}, {kF32, {1, 2}}), {-1, 1});
  require_close(run_one("rms_norm", {{"axis", 1}, {"eps", 0.0}}, {f32({1, 2}, {1, 7}), std::nullopt, f32({2}, {1, 2})},
                        {kF32, {1, 2}}),
                {1.2, 3.4});
}

TEST_CASE("fused_residual_norm norms the sum and gives it, too", "[ref]") {
  const Value half = f32({2, 2, 3}, std::vector<double>(12, 0.5));
  std::vector<double> less = kXData;
  for (double& v : less) v -= 0.5;
  for (const char* kind : {"layer", "rms"}) {
    const bool rms = std::string(kind) == "rms";
    const Attrs attrs{{"kind", kind}, {"axis", 1}, {"eps", rms ? 1e-6 : 1e-5}};
    const std::vector<Value> y =
        run_node("fused_residual_norm", attrs, {f32({2, 2, 3}, less), half, kGamma, kBeta}, {kXType, kXType});
    require_close(y[0], rms ? kRms : kLayer);
    require_close(y[1], kXData);
  }
}

TEST_CASE("norms over channels and groups of channels", "[ref]") {
  require_close(
      run_one("group_norm", {{"groups", 2}, {"eps", 1e-5}}, {kImage, kGamma4, kBeta4}, kImageType),
      {-1.27174892, -1.22859482, -0.522567832, 1.16949071, -1.20896741, 0.44251964, -0.582882829, -0.0935134987});
  require_close(
      run_one("instance_norm", {{"eps", 1e-5}}, {kImage, kGamma4, kBeta4}, kImageType),
      {-1.42509874, -0.194901263, -1.12999169, 0.569991687, -1.75987877, -0.10012123, -0.559337748, 0.739337748});
  require_close(
      run_one("layer_norm_2d", {{"eps", 1e-6}}, {kImage, kGamma4, kBeta4}, kImageType),
      {-1.63359755, -1.81107718, -0.782887907, 0.598759443, -0.0127458527, -0.457572419, 0.619678828, 0.0975504777});
  const Value mean = f32({4}, {0.59, -0.9, -0.62, -0.27}), variance = f32({4}, {0.51, 0.59, 0.3, 0.28});
  require_close(run_one("batch_norm", {{"eps", 1e-5}}, {kImage, kGamma4, kBeta4, mean, variance}, kImageType),
                {-2.0427945, -1.99938624, 0.162638546, 1.74507135, 0.403499629, 0.964175609, 0.581345041, 0.753315805});
}

TEST_CASE("l2_norm leaves zeros at zero and has a floor", "[ref]") {
  const Value x = f32({3, 2}, {3, 4, 0, 0, 0.3, 0.4});
  require_close(run_one("l2_norm", {{"axis", 1}, {"eps", 0.0}}, {x}, {kF32, {3, 2}}), {0.6, 0.8, 0, 0, 0.6, 0.8});
  require_close(run_one("l2_norm", {{"axis", 1}, {"eps", 1.0}}, {x}, {kF32, {3, 2}}), {0.6, 0.8, 0, 0, 0.3, 0.4});
}

TEST_CASE("lrn looks one channel back and two ahead for size 4", "[ref]") {
  const Value x = f32({1, 5, 1, 1}, {1, 2, 3, 4, 5});
  require_close(run_one("lrn", {{"size", 4}, {"alpha", 4.0}, {"beta", 1.0}, {"bias", 1.0}}, {x}, {kF32, {1, 5, 1, 1}}),
                {1.0 / 15, 2.0 / 31, 3.0 / 55, 4.0 / 51, 5.0 / 42});
}

TEST_CASE("gradients of norms agree with differences", "[ref]") {
  require_gradients("layer_norm", trailing(1e-5), {{"axis", 1}}, kX, kGamma);
  require_gradients("rms_norm", trailing(1e-6), {{"axis", 1}}, kX, kGamma);
  require_gradients("group_norm", {{"groups", 2}, {"eps", 1e-5}}, {}, kImage, kGamma4);
}
