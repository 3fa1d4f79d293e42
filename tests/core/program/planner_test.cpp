// The planner against what it promises: no overlap, alignment, reuse only where allowed, and close to the lower bound.
#include "program/planner.hpp"

#include "catch.hpp"
#include "core/program/plan_item.hpp"
#include "options.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

namespace {

using Items = std::vector<rlx_plan_item>;

rlx_plan_result plan(Items& items, uint64_t align = 64) {
  rlx_plan_result result{};
  const rlx::Status status = rlx::plan_memory(items, align, &result);
  INFO((status ? std::string() : status.error().message));
  REQUIRE(status);
  return result;
}

bool may_share(const Items& items, size_t a, size_t b) {
  // Along a chain, b may sit on anything that ended when its predecessor in the chain began.
  const auto direct = [&](size_t from, size_t to) {
    return items[to].reuse == from && items[from].last_step == items[to].first_step &&
           items[from].out_offset_bytes == items[to].out_offset_bytes;
  };
  if (direct(a, b) || direct(b, a)) return true;
  for (size_t middle = 0; middle < items.size(); ++middle)
    if (items[middle].first_step == items[middle].last_step &&
        ((direct(a, middle) && direct(middle, b)) || (direct(b, middle) && direct(middle, a))))
      return true;
  return false;
}

// Returns the first rule that a plan breaks.
std::string broken_rule(const Items& items, const rlx_plan_result& result, uint64_t align) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (items[i].out_offset_bytes % align != 0) return "item " + std::to_string(i) + " is not aligned";
    if (items[i].out_offset_bytes + items[i].size_bytes > result.arena_bytes)
      return "item " + std::to_string(i) + " ends beyond the arena";
  }
  // Sweep over offsets would hide nothing here: tests are small enough for all pairs.
  for (size_t a = 0; a < items.size(); ++a) {
    for (size_t b = a + 1; b < items.size(); ++b) {
      const rlx_plan_item &x = items[a], &y = items[b];
      const bool together = x.first_step <= y.last_step && y.first_step <= x.last_step;
      const bool overlap = x.out_offset_bytes < y.out_offset_bytes + y.size_bytes &&
                           y.out_offset_bytes < x.out_offset_bytes + x.size_bytes;
      if (together && overlap && !may_share(items, a, b))
        return "items " + std::to_string(a) + " and " + std::to_string(b) + " overlap";
    }
  }
  if (result.lower_bound_bytes > result.arena_bytes) return "the bound is above the arena";
  return {};
}

Items random_items(std::mt19937_64& random, size_t count, bool with_reuse) {
  Items items;
  std::multimap<uint32_t, uint32_t> ends;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t first = i / 2;
    const auto length = static_cast<uint32_t>(random() % 8 == 0 ? random() % 50 : random() % 3);
    uint64_t size = random() % 10 == 0 ? 0 : random() % (random() % 5 == 0 ? 100'000 : 2'000);
    uint32_t reuse = RLX_NO_INDEX;
    const auto ended = ends.find(first);
    if (with_reuse && ended != ends.end() && random() % 2) {
      reuse = ended->second;
      if (random() % 2) size = items[reuse].size_bytes;
    }
    items.push_back(plan_item(size, first, first + length, reuse));
    ends.emplace(first + length, i);
  }
  return items;
}

// Activations of a deep net with skip connections; elementwise steps work in place.
Items residual_net(size_t blocks) {
  Items items;
  uint32_t step = 1;
  items.push_back(plan_item(1 << 20, 0, step));
  for (size_t b = 0; b < blocks; ++b) {
    const auto trunk = static_cast<uint32_t>(items.size() - 1);
    const uint64_t size = (uint64_t{1} << 20) >> (b * 4 / blocks);
    items.push_back(plan_item(size * 4, step, step + 1));
    items.push_back(plan_item(size * 4, step + 1, step + 2, trunk + 1));
    items.push_back(plan_item(size, step + 2, step + 3));
    items[trunk].last_step = step + 3;
    items.push_back(plan_item(size, step + 3, step + 4, trunk + 3));
    step += 4;
  }
  return items;
}

}  // namespace

TEST_CASE("no two live items overlap, whatever the lifetimes", "[planner]") {
  const auto seed = GENERATE(range(1, 40));
  CAPTURE(seed);
  std::mt19937_64 random(static_cast<uint64_t>(seed));
  for (const bool with_reuse : {false, true}) {
    Items items = random_items(random, 20 + static_cast<size_t>(random() % 200), with_reuse);
    const uint64_t align = uint64_t{1} << random() % 9;
    const rlx_plan_result result = plan(items, align);
    CHECK(broken_rule(items, result, align) == "");
  }
}

TEST_CASE("an item takes over the memory of the one it reuses", "[planner]") {
  Items items = {plan_item(640, 0, 1), plan_item(640, 1, 2, 0), plan_item(640, 2, 3, 1)};
  const rlx_plan_result result = plan(items);
  CHECK(result.arena_bytes == 640);
  CHECK(result.lower_bound_bytes == 640);
  CHECK(items[2].out_offset_bytes == items[0].out_offset_bytes);
}

TEST_CASE("a larger item never takes over a smaller one", "[planner]") {
  Items items = {plan_item(64, 0, 1), plan_item(128, 1, 2, 0)};
  CHECK(plan(items).arena_bytes == 192);
  CHECK(broken_rule(items, {192, 192}, 64) == "");
}

TEST_CASE("a smaller item that takes over frees the rest for others", "[planner]") {
  Items items = {plan_item(1024, 0, 1), plan_item(64, 1, 9, 0), plan_item(960, 2, 9)};
  const rlx_plan_result result = plan(items);
  CHECK(result.arena_bytes == 1024);
  CHECK(result.lower_bound_bytes == 1024);
  CHECK(broken_rule(items, result, 64) == "");
}

TEST_CASE("only one item takes over, the largest", "[planner]") {
  Items items = {plan_item(256, 0, 1), plan_item(64, 1, 2, 0), plan_item(256, 1, 2, 0)};
  const rlx_plan_result result = plan(items);
  CHECK(items[2].out_offset_bytes == items[0].out_offset_bytes);
  CHECK(result.arena_bytes == 320);
  CHECK(broken_rule(items, result, 64) == "");
}

TEST_CASE("reuse of an item that lives on is no reuse", "[planner]") {
  Items items = {plan_item(64, 0, 5), plan_item(64, 1, 2, 0)};
  CHECK(plan(items).arena_bytes == 128);
}

TEST_CASE("a ring of reuse within one step is opened", "[planner]") {
  Items items = {plan_item(64, 3, 3, 1), plan_item(64, 3, 3, 0), plan_item(64, 3, 3, 2)};
  CHECK(plan(items).arena_bytes == 128);
}

TEST_CASE("nothing needs nothing", "[planner]") {
  Items none;
  CHECK(plan(none).arena_bytes == 0);
  Items empty = {plan_item(0, 0, 9), plan_item(0, 1, 2, 0)};
  CHECK(plan(empty).arena_bytes == 0);
  CHECK(empty[1].out_offset_bytes == 0);
}

TEST_CASE("sizes are rounded up to the alignment", "[planner]") {
  Items items = {plan_item(1, 0, 9), plan_item(1, 0, 9), plan_item(65, 0, 9)};
  const rlx_plan_result result = plan(items, 64);
  CHECK(result.arena_bytes == 256);
  CHECK(result.lower_bound_bytes == 256);
}

TEST_CASE("plans of typical nets are within five percent of the bound", "[planner]") {
  for (const size_t blocks : {1, 4, 16, 50, 500}) {
    CAPTURE(blocks);
    Items items = residual_net(blocks);
    const rlx_plan_result result = plan(items);
    CHECK(static_cast<double>(result.arena_bytes) <= 1.05 * static_cast<double>(result.lower_bound_bytes));
  }
}

TEST_CASE("random lifetimes stay close to the bound", "[planner]") {
  const auto seed = GENERATE(range(100, 110));
  CAPTURE(seed);
  std::mt19937_64 random(static_cast<uint64_t>(seed));
  Items items = random_items(random, 500, true);
  const rlx_plan_result result = plan(items);
  CHECK(static_cast<double>(result.arena_bytes) <= 1.10 * static_cast<double>(result.lower_bound_bytes));
}

TEST_CASE("ten thousand items that all live together still get a plan", "[planner]") {
  std::mt19937_64 random(7);
  Items items;
  for (uint32_t i = 0; i < 10'000; ++i) items.push_back(plan_item(1 + random() % 100'000, i / 100, 20'000));
  const rlx_plan_result result = plan(items);
  CHECK(result.arena_bytes == result.lower_bound_bytes);
}

TEST_CASE("ten thousand items of mixed lifetimes do not overlap", "[planner]") {
  std::mt19937_64 random(8);
  Items items;
  for (uint32_t i = 0; i < 10'000; ++i) {
    const auto first = static_cast<uint32_t>(random() % 10'000);
    items.push_back(plan_item(1 + random() % 100'000, first, first + static_cast<uint32_t>(random() % 2'000)));
  }
  const rlx_plan_result result = plan(items);
  CHECK(broken_rule(items, result, 64) == "");
  CHECK(static_cast<double>(result.arena_bytes) <= 1.25 * static_cast<double>(result.lower_bound_bytes));
}

TEST_CASE("wrong questions are refused by name", "[planner]") {
  rlx_plan_result result{};
  Items backwards = {plan_item(64, 2, 1)};
  CHECK(rlx::plan_memory(backwards, 64, &result).error().code == rlx::Code::kInvalidArgument);
  Items unknown = {plan_item(64, 1, 2, 7)};
  CHECK(rlx::plan_memory(unknown, 64, &result).error().message == "plan_memory: item 0 reuses item 7 of 1");
  Items fine = {plan_item(64, 1, 2)};
  CHECK(rlx::plan_memory(fine, 48, &result).error().code == rlx::Code::kInvalidArgument);
  CHECK(rlx::plan_memory(fine, 0, &result).error().code == rlx::Code::kInvalidArgument);
  Items huge = {plan_item(uint64_t{1} << 61, 1, 2), plan_item(uint64_t{1} << 61, 1, 2)};
  CHECK(rlx::plan_memory(huge, 64, &result).error().code == rlx::Code::kResourceExhausted);
}
