// sample: the candidates of a row in order, their weights as integers, and one of them by the running sum; docs/ops.md
// has the exact arithmetic. Bound by the sort, and with a top_k by reading the logits once.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/order.hpp"

#include <rlx/sdk/philox.hpp>
#include <rlx/sdk/sampling.hpp>

#include <cmath>
#include <numeric>

namespace rlx::cpu::kernels {

namespace {

struct Sampler {
  double scale, top_p;
  uint32_t least;
  uint64_t count, candidates;  // logits of a row; those that top_k keeps
};

// scratch: room for an item and a weight of each logit.
template <typename T>
int64_t draw(const Sampler& s, const std::byte* logits, uint64_t row, uint64_t random, std::byte* scratch) {
  const T* x = reinterpret_cast<const T*>(logits) + row * s.count;
  auto* items = reinterpret_cast<ItemOf<T>*>(scratch);
  order_items(x, 1, s.count, s.candidates, true, items);
  const double largest = sdk::cast_to<double>(x[index_of(items[0])]);
  if (!std::isfinite(s.scale) || !std::isfinite(largest)) return index_of(items[0]);

  auto* weights = reinterpret_cast<uint32_t*>(items + s.count);
  for (uint64_t i = 0; i < s.candidates; ++i)
    weights[i] = sdk::sample_weight((largest - sdk::cast_to<double>(x[index_of(items[i])])) * s.scale);
  const uint64_t reach = sdk::sample_reach(s.top_p, std::accumulate(weights, weights + s.candidates, uint64_t{0}));
  uint64_t kept = 0;
  for (uint64_t i = 0; i < s.candidates && kept < reach && weights[i] >= s.least; ++i) kept += weights[i];
  const uint64_t target = sdk::sample_target(random, kept);
  uint64_t at = 0;
  for (uint64_t sum = weights[0]; sum <= target; sum += weights[at]) ++at;
  return index_of(items[at]);
}

class Sample final : public Kernel {
 public:
  explicit Sample(const NodeView& n) : Kernel("sample"), view_(view_axis(n.in(0), n.in(0).rank - 1)) {
    sampler_ = {sdk::sample_scale(n.f("temperature")), n.f("top_p"), sdk::sample_least(n.f("min_p")), view_.n, view_.n};
    const auto top_k = static_cast<uint64_t>(n.i("top_k"));
    if (top_k > 0 && top_k < view_.n) sampler_.candidates = top_k;
    if (!std::isfinite(sampler_.scale)) sampler_.candidates = 1;
    key_ = static_cast<uint64_t>(n.i("seed")) ^ static_cast<uint64_t>(n.i("key"));
    sdk::visit_dtype(n.in(0).dtype, [&](auto v) {
      using T = decltype(v);
      if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, sdk::F16> ||
                    std::is_same_v<T, sdk::BF16>)
        draw_ = draw<T>;
    });
  }
  uint64_t scratch_bytes(unsigned threads) const override { return threads * per_thread(); }
  void run(const Run& r) const override {
    r.team.split(view_.outer, 1, [&](uint64_t begin, uint64_t end, unsigned part) {
      for (uint64_t row = begin; row < end; ++row) {
        const sdk::PhiloxWords words = sdk::random_block(row, r.run_counter, key_);
        const uint64_t random = uint64_t{words[0]} << 32 | words[1];
        r.out<int64_t>()[row] = draw_(sampler_, r.inputs[0], row, random, r.scratch + part * per_thread());
      }
    });
  }

 private:
  uint64_t per_thread() const { return (view_.n * (sizeof(WideItem) + sizeof(uint32_t)) + 63) / 64 * 64; }

  AxisView view_;
  Sampler sampler_;
  uint64_t key_;
  int64_t (*draw_)(const Sampler&, const std::byte*, uint64_t, uint64_t, std::byte*) = nullptr;
};

}  // namespace

Claim claim_sample(const NodeView& n, const CpuInfo&) {
  if (view_axis(n.in(0), n.in(0).rank - 1).n > std::numeric_limits<uint32_t>::max())
    return Claim::no("more than 2^32 logits in a row not supported");
  return Claim::native();
}

std::unique_ptr<Kernel> make_sample(MakeContext& m) {
  return std::make_unique<Sample>(m.node);
}

}  // namespace rlx::cpu::kernels
