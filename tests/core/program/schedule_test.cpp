#include "program/schedule.hpp"

#include "catch.hpp"
#include "options.hpp"

#include <algorithm>
#include <random>

using namespace rlx;

namespace {

bool respects(const ScheduleProblem& p, const std::vector<uint32_t>& order) {
  std::vector<uint32_t> at(order.size());
  for (uint32_t i = 0; i < order.size(); ++i) at[order[i]] = i;
  for (uint32_t i = 0; i < p.items.size(); ++i) {
    for (uint32_t b : p.items[i].reads)
      if (p.blocks[b].writer != UINT32_MAX && p.blocks[b].writer != i && at[p.blocks[b].writer] > at[i]) return false;
    for (uint32_t a : p.items[i].after)
      if (at[a] > at[i]) return false;
  }
  return true;
}

std::vector<uint32_t> as_given(const ScheduleProblem& p) {
  std::vector<uint32_t> order(p.items.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  return order;
}

}  // namespace

TEST_CASE("what shrinks memory runs before what grows it", "[schedule]") {
  // Four branches: expand to 100, reduce to 1. All expands first is the given order.
  ScheduleProblem p;
  for (uint32_t i = 0; i < 4; ++i) {
    p.items.push_back({{}, {i}, {}});
    p.blocks.push_back({100, i, false});
  }
  for (uint32_t i = 0; i < 4; ++i) {
    p.items.push_back({{i}, {4 + i}, {}});
    p.blocks.push_back({1, 4 + i, true});
  }
  const std::vector<uint32_t> order = schedule(p);
  REQUIRE(order.size() == 8);
  CHECK(respects(p, order));
  CHECK(peak_bytes(p, as_given(p)) >= 400);
  CHECK(peak_bytes(p, order) == 104);
}

TEST_CASE("an order that is as good as any is kept", "[schedule]") {
  ScheduleProblem p;
  for (uint32_t i = 0; i < 5; ++i) {
    p.items.push_back({i ? std::vector<uint32_t>{i - 1} : std::vector<uint32_t>{}, {i}, {}});
    p.blocks.push_back({10, i, false});
  }
  CHECK(schedule(p) == as_given(p));
}

TEST_CASE("extra constraints hold and circles are noticed", "[schedule]") {
  ScheduleProblem p;
  p.items = {{{}, {0}, {1}}, {{}, {1}, {}}};
  p.blocks = {{8, 0, false}, {8, 1, false}};
  CHECK(schedule(p) == std::vector<uint32_t>{1, 0});
  p.items[1].after = {0};
  CHECK(schedule(p).size() < 2);
}

TEST_CASE("random graphs are ordered validly and never worse than given", "[schedule]") {
  std::mt19937 random(tests::seed());
  for (int round = 0; round < 50; ++round) {
    CAPTURE(round, tests::seed());
    ScheduleProblem p;
    const uint32_t n = 1 + random() % 60;
    for (uint32_t i = 0; i < n; ++i) {
      ScheduleItem item;
      for (uint32_t r = 0; i && r < random() % 4; ++r) item.reads.push_back(random() % i);
      item.writes = {i};
      p.items.push_back(item);
      p.blocks.push_back({random() % 1000, i, random() % 5 == 0});
    }
    const std::vector<uint32_t> order = schedule(p);
    REQUIRE(order.size() == n);
    CHECK(respects(p, order));
    CHECK(peak_bytes(p, order) <= peak_bytes(p, as_given(p)));
  }
}
