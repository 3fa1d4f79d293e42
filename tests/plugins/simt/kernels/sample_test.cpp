// sample: the emulated kernel draws what a plain loop over the same integer weights does, filter by filter.
#include "kernels/launch.hpp"

#include <rlx/sdk/philox.hpp>
#include <rlx/sdk/sampling.hpp>

#include <algorithm>
#include <numeric>

using namespace tests;

namespace {

struct Filters {
  double temperature = 1;
  uint64_t top_k = 0;
  double top_p = 1, min_p = 0;
};

constexpr uint64_t kKey = 0x123456789abcdefull;

int64_t expected(const std::vector<float>& x, const Filters& f, uint64_t row, uint64_t run) {
  std::vector<uint64_t> order(x.size());
  std::iota(order.begin(), order.end(), uint64_t{0});
  std::stable_sort(order.begin(), order.end(), [&](uint64_t a, uint64_t b) { return x[a] > x[b]; });
  if (f.top_k > 0) order.resize(f.top_k);
  std::vector<uint64_t> sums;  // up to and with each candidate
  for (const uint64_t i : order)
    sums.push_back((sums.empty() ? 0 : sums.back()) +
                   rlx::sdk::sample_weight((double{x[order[0]]} - x[i]) * rlx::sdk::sample_scale(f.temperature)));
  const uint64_t reach = rlx::sdk::sample_reach(f.top_p, sums.back());
  size_t kept = 1;
  while (kept < sums.size() && sums[kept - 1] < reach && sums[kept] - sums[kept - 1] >= rlx::sdk::sample_least(f.min_p))
    ++kept;
  const auto words = rlx::sdk::random_block(row, run, kKey);
  const auto target =
      static_cast<uint64_t>(static_cast<unsigned __int128>(uint64_t{words[0]} << 32 | words[1]) * sums[kept - 1] >> 64);
  return static_cast<int64_t>(
      order[static_cast<size_t>(std::upper_bound(sums.begin(), sums.end(), target) - sums.begin())]);
}

// The kernels that kernels/sample.cpp launches for rows of more than one tile with a top_k, and for others.
std::vector<int64_t> drawn(std::vector<float>& x, uint64_t rows, const Filters& f, uint64_t run, Order order) {
  const uint64_t size = x.size() / rows;
  simt::SortParams sort{};
  sort.x = address(x);
  sort.part = {rows, size, 1, 1, size, 0};
  sort.descending = 1;
  sort.kept = sort.items = f.top_k > 0 ? f.top_k : size;
  std::vector<uint64_t> items(rows * sort.items);
  sort.to = address(items);
  if (f.top_k > 0) {
    REQUIRE(launch("select_elements<f32>", sort, 2, 128, simt::kSelectQueue * 8 + 8, order) == "");
  } else {
    REQUIRE(size <= 1024);
    sort.part.part_size = 1024;
    REQUIRE(launch("sort_tiles<f32>", sort, 2, 256, 1024 * 8 + 16, order) == "");
  }
  std::vector<int64_t> ids(rows, -1);
  simt::SampleParams p{};
  p.items = address(items);
  p.ids = address(ids);
  std::vector<uint64_t> counter{run};
  p.run_counter = address(counter);
  p.rows = rows;
  p.count = p.stride = sort.items;
  p.key = kKey;
  p.scale = rlx::sdk::sample_scale(f.temperature);
  p.top_p = f.top_p;
  p.least = rlx::sdk::sample_least(f.min_p);
  REQUIRE(launch("sample<f32>", p, 2, 64, 64 / SIMT_WARP * 8, order) == "");
  return ids;
}

}  // namespace

TEST_CASE("sample draws what the running sum of its weights says, under every filter", "[simt]") {
  constexpr uint64_t kRows = 3;
  std::vector<float> x = random_floats(kRows * 700);
  for (float& v : x) v *= 5;
  for (size_t i = 0; i < 40; ++i) x[i * 17] = x[0];
  x[5] = x[705] = -INFINITY;
  for (const Filters& f : {Filters{}, Filters{0.5}, Filters{30}, Filters{1, 40}, Filters{1, 0, 0.7}, Filters{1, 0, 0},
                           Filters{1, 0, 1, 0.3}, Filters{0.8, 300, 0.9, 0.02}, Filters{1e-6}})
    for (const Order order : kOrders)
      for (uint64_t run = 0; run < 8; ++run) {
        const std::vector<int64_t> ids = drawn(x, kRows, f, run, order);
        for (uint64_t row = 0; row < kRows; ++row) {
          INFO("temperature " << f.temperature << " top_k " << f.top_k << " top_p " << f.top_p << " min_p " << f.min_p
                              << ", row " << row << ", run " << run);
          const std::vector<float> logits(x.begin() + static_cast<long>(row) * 700,
                                          x.begin() + static_cast<long>(row + 1) * 700);
          REQUIRE(ids[row] == expected(logits, f, row, run));
        }
      }
}

TEST_CASE("sample takes the first candidate where weights say nothing", "[simt]") {
  std::vector<float> infinite(100, 1.0f), lowest(100, -INFINITY), nan(100, 1.0f);
  infinite[71] = infinite[70] = INFINITY;
  nan[33] = NAN;
  REQUIRE(drawn(infinite, 1, {}, 0, Order::kRandom)[0] == 70);
  REQUIRE(drawn(lowest, 1, {}, 0, Order::kRandom)[0] == 0);
  REQUIRE(drawn(nan, 1, {}, 0, Order::kRandom)[0] == 33);
}
