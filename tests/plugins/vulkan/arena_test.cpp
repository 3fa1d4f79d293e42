// Plans for arenas of several blocks.
#include "execute/arena.hpp"
#include "catch.hpp"
#include "options.hpp"

#include <random>

namespace {

using rlx::vulkan::ArenaItem;
using rlx::vulkan::kArenaAlign;
using rlx::vulkan::plan_blocks;

constexpr uint64_t kBlock = 16 * kArenaAlign;

TEST_CASE("memory is used again when its tensor is dead", "[vulkan]") {
  std::vector<ArenaItem> items = {{kBlock, 0, 1}, {kBlock, 1, 2}, {kBlock, 2, 3}, {100, 0, 3}};
  const std::vector<uint64_t> starts = plan_blocks(items, kBlock);
  CHECK(items[0].offset == items[2].offset);
  CHECK(items[0].offset != items[1].offset);
  CHECK(starts == std::vector<uint64_t>{0, kBlock, 2 * kBlock, 2 * kBlock + kArenaAlign});
}

TEST_CASE("no items make no blocks, and empty ones take no room", "[vulkan]") {
  std::vector<ArenaItem> none, empty = {{0, 0, 3}, {kBlock, 0, 3}};
  CHECK(plan_blocks(none, kBlock) == std::vector<uint64_t>{0});
  CHECK(plan_blocks(empty, kBlock) == std::vector<uint64_t>{0, kBlock});
}

TEST_CASE("plans of blocks hold for any items", "[vulkan]") {
  std::mt19937 random(tests::seed());
  const auto pick = [&](uint64_t limit) { return std::uniform_int_distribution<uint64_t>(0, limit)(random); };
  for (int round = 0; round < 50; ++round) {
    std::vector<ArenaItem> items;
    const uint64_t count = 1 + pick(60);
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t first = pick(20);
      items.push_back({pick(1) ? pick(kBlock) : pick(3 * kArenaAlign), first, first + pick(5)});
    }
    const std::vector<uint64_t> starts = plan_blocks(items, kBlock);
    for (size_t b = 0; b + 1 < starts.size(); ++b) REQUIRE(starts[b + 1] - starts[b] <= kBlock);
    for (const ArenaItem& a : items) {
      REQUIRE(a.offset % kArenaAlign == 0);
      REQUIRE(a.offset + a.bytes <= starts.back());
      for (const uint64_t start : starts) REQUIRE((a.offset >= start || a.offset + a.bytes <= start));
      for (const ArenaItem& b : items) {
        if (&a == &b || a.last_step < b.first_step || b.last_step < a.first_step) continue;
        REQUIRE((a.offset + a.bytes <= b.offset || b.offset + b.bytes <= a.offset));
      }
    }
  }
}

}  // namespace
