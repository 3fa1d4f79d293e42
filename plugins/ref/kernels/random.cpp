// Random ops. Element e takes word e%4 of the Philox block with counter (e/4, run) and key seed ^ key, so that every
// device draws the same numbers in any order.
//   random_uniform: low + u·(high − low)      random_normal: mean + scale·Box-Muller
//   bernoulli: u < p                          dropout: u ≥ ratio ? x/(1 − ratio) : 0 when training
#include "kernel.hpp"
#include "move.hpp"

#include <rlx/sdk/philox.hpp>

#include <cmath>

namespace rlx::ref::kernels {

namespace {

constexpr double kTwoPi = 6.28318530717958647693;

std::vector<uint32_t> random_words(const Call& call, uint64_t count) {
  const uint64_t key = static_cast<uint64_t>(call.node.i("seed")) ^ static_cast<uint64_t>(call.node.i("key"));
  std::vector<uint32_t> words;
  for (uint64_t block = 0; words.size() < count; ++block)
    for (const uint32_t word : sdk::random_block(block, call.run, key)) words.push_back(word);
  return words;
}

// In [0, 1).
double uniform(uint32_t word) {
  return static_cast<double>(word >> 8) * 0x1p-24;
}

}  // namespace

void random_uniform(const Call& call) {
  const double low = call.node.f("low"), high = call.node.f("high");
  std::vector<double> y(call.out().elements());
  const std::vector<uint32_t> words = random_words(call, y.size());
  for (size_t i = 0; i < y.size(); ++i) y[i] = low + uniform(words[i]) * (high - low);
  store(call.out(), y);
}

void random_normal(const Call& call) {
  const double mean = call.node.f("mean"), scale = call.node.f("scale");
  std::vector<double> y(call.out().elements());
  const std::vector<uint32_t> words = random_words(call, y.size());
  for (size_t i = 0; i < y.size(); ++i) {
    const size_t first = i / 2 * 2;
    // Above 0, so that the logarithm is finite.
    const double u1 = uniform(words[first]) + 0x1p-24, angle = kTwoPi * uniform(words[first + 1]);
    y[i] = mean + scale * std::sqrt(-2 * std::log(u1)) * (i % 2 == 0 ? std::cos(angle) : std::sin(angle));
  }
  store(call.out(), y);
}

void bernoulli(const Call& call) {
  std::vector<double> y = load<double>(call.in(0));
  const std::vector<uint32_t> words = random_words(call, y.size());
  for (size_t i = 0; i < y.size(); ++i) y[i] = uniform(words[i]) < y[i] ? 1 : 0;
  store(call.out(), y);
}

void dropout(const Call& call) {
  const Tensor &x = call.in(0), &y = call.out();
  const double ratio = call.node.f("ratio");
  std::vector<int64_t> mask(x.elements(), 1);
  if (call.node.flag("train")) {
    std::vector<double> values = load<double>(x);
    const std::vector<uint32_t> words = random_words(call, values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      mask[i] = uniform(words[i]) >= ratio;
      values[i] = mask[i] ? values[i] / (1 - ratio) : 0;
    }
    store(y, values);
  } else {
    move_bytes(x.data, y.data, y.bytes());
  }
  if (call.outputs.size() > 1) store(call.out(1), mask);
}

}  // namespace rlx::ref::kernels
