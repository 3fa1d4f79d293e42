// sample: an id for each row of logits, by filters and the inverse of the running sum of integer weights; docs/ops.md
// has the exact arithmetic.
#include "kernel.hpp"
#include "number.hpp"

#include <rlx/sdk/philox.hpp>
#include <rlx/sdk/sampling.hpp>

#include <algorithm>
#include <numeric>

namespace rlx::ref::kernels {

namespace {

struct Sampler {
  double scale, top_p;
  uint64_t top_k;  // 0: all
  uint32_t least;

  // x: the logits of a row; random: 64 bits of Philox.
  int64_t id(const double* x, uint64_t count, uint64_t random) const {
    std::vector<uint64_t> order(count);
    std::iota(order.begin(), order.end(), uint64_t{0});
    std::stable_sort(order.begin(), order.end(), [&](uint64_t a, uint64_t b) { return less(x[b], x[a]); });
    const double largest = x[order[0]];
    if (!std::isfinite(scale) || !std::isfinite(largest)) return static_cast<int64_t>(order[0]);
    if (top_k > 0 && top_k < count) order.resize(top_k);
    std::vector<uint32_t> weights;
    for (const uint64_t i : order) weights.push_back(sdk::sample_weight((largest - x[i]) * scale));
    const uint64_t reach = sdk::sample_reach(top_p, std::accumulate(weights.begin(), weights.end(), uint64_t{0}));
    uint64_t kept = 0;
    for (const uint32_t w : weights)
      if (kept < reach && w >= least) kept += w;
    const uint64_t target = sdk::sample_target(random, kept);
    size_t at = 0;
    for (uint64_t sum = weights[0]; sum <= target; sum += weights[at]) ++at;
    return static_cast<int64_t>(order[at]);
  }
};

}  // namespace

void sample(const Call& call) {
  const sdk::NodeView& n = call.node;
  const Sampler sampler{sdk::sample_scale(n.f("temperature")), n.f("top_p"), static_cast<uint64_t>(n.i("top_k")),
                        sdk::sample_least(n.f("min_p"))};
  const uint64_t key = static_cast<uint64_t>(n.i("seed")) ^ static_cast<uint64_t>(n.i("key"));
  const std::vector<double> x = load<double>(call.in(0));
  std::vector<int64_t> ids(call.out().elements());
  for (uint64_t row = 0; row < ids.size(); ++row) {
    const uint64_t count = x.size() / ids.size();
    const sdk::PhiloxWords words = sdk::random_block(row, call.run, key);
    ids[row] = sampler.id(x.data() + row * count, count, uint64_t{words[0]} << 32 | words[1]);
  }
  store(call.out(), ids);
}

}  // namespace rlx::ref::kernels
