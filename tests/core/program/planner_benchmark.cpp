// How long 10,000 tensors take to plan. Hidden: it measures and judges nothing. Run it with
//   build/release/tests/core/unit "[benchmark]"
#include "program/planner.hpp"

#include "catch.hpp"
#include "core/program/plan_item.hpp"
#include "options.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <vector>

namespace {

constexpr uint32_t kCount = 10'000;
constexpr int kRounds = 5;

using Items = std::vector<rlx_plan_item>;

class Shapes {
 public:
  // Each tensor is read by the next node only.
  Items chain(bool in_place) {
    Items items;
    for (uint32_t i = 0; i < kCount; ++i)
      items.push_back(plan_item(in_place ? 1 << 16 : size(), i, i + 1, in_place && i > 0 ? i - 1 : RLX_NO_INDEX));
    return items;
  }

  // One tensor is read by `width` nodes, whose results meet again.
  Items diamonds(uint32_t width) {
    Items items;
    uint32_t step = 0;
    while (items.size() + width + 1 <= kCount) {
      items.push_back(plan_item(size(), step, step + width));
      for (uint32_t branch = 1; branch <= width; ++branch)
        items.push_back(plan_item(size(), step + branch, step + width + 1));
      step += width + 1;
    }
    return items;
  }

  // Starts anywhere, lives up to `longest` steps.
  Items random_lifetimes(uint32_t longest) {
    Items items;
    for (uint32_t i = 0; i < kCount; ++i) {
      const auto first = static_cast<uint32_t>(random_() % kCount);
      items.push_back(plan_item(size(), first, first + static_cast<uint32_t>(random_() % longest)));
    }
    return items;
  }

  // A chain whose every tenth result is read much later, as in a U-net.
  Items long_skips() {
    Items items;
    for (uint32_t i = 0; i < kCount; ++i)
      items.push_back(plan_item(size(), i, i % 10 == 0 ? std::max(i + 1, 2 * kCount - i) : i + 1));
    return items;
  }

  Items all_together() {
    Items items;
    for (uint32_t i = 0; i < kCount; ++i) items.push_back(plan_item(size(), i, kCount));
    return items;
  }

 private:
  // Few different sizes, as in nets; now and then a large one.
  uint64_t size() { return (1 + random_() % 64) * (random_() % 16 == 0 ? 65'536 : 4'096); }
  std::mt19937_64 random_{tests::seed()};
};

void measure(const char* name, const Items& items) {
  double best_ms = 1e9;
  rlx_plan_result result{};
  for (int round = 0; round < kRounds; ++round) {
    Items copy = items;
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(rlx::plan_memory(copy, 64, &result));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    best_ms = std::min(best_ms, took.count());
  }
  std::printf("| %s | %zu | %.1f | %.3f |\n", name, items.size(), best_ms,
              static_cast<double>(result.arena_bytes) / static_cast<double>(result.lower_bound_bytes));
}

}  // namespace

TEST_CASE("planning ten thousand tensors", "[.benchmark]") {
  Shapes shapes;
  std::printf("| shape | tensors | ms, best of %d | arena / lower bound |\n|---|---|---|---|\n", kRounds);
  measure("chain", shapes.chain(false));
  measure("chain in place", shapes.chain(true));
  measure("diamonds of 2", shapes.diamonds(2));
  measure("diamonds of 16", shapes.diamonds(16));
  measure("diamonds of 500", shapes.diamonds(500));
  measure("random, up to 50 steps", shapes.random_lifetimes(50));
  measure("random, up to 2,000 steps", shapes.random_lifetimes(2'000));
  measure("random, up to 10,000 steps", shapes.random_lifetimes(10'000));
  measure("chain with long skips", shapes.long_skips());
  measure("all alive at once", shapes.all_together());
}
