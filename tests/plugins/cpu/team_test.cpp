// The thread team covers every task exactly once.
#include "team.hpp"

#include "catch.hpp"

#include <atomic>
#include <thread>
#include <vector>

namespace {

using rlx::cpu::Team;

TEST_CASE("split covers the range once and respects the grain", "[cpu]") {
  const unsigned threads = GENERATE(1u, 2u, 3u, 8u);
  const uint64_t count = GENERATE(0u, 1u, 7u, 1000u);
  const uint64_t grain = GENERATE(0u, 1u, 10u, 5000u);
  std::vector<std::atomic<int>> hits(count);
  std::atomic<bool> small_piece{false}, bad_part{false};
  Team(threads).split(count, grain, [&](uint64_t begin, uint64_t end, unsigned part) {
    if (end - begin < grain && end - begin != count) small_piece = true;
    if (part >= threads) bad_part = true;
    for (uint64_t i = begin; i < end; ++i) ++hits[i];
  });
  for (const auto& h : hits) REQUIRE(h == 1);
  REQUIRE_FALSE(small_piece);
  REQUIRE_FALSE(bad_part);
}

TEST_CASE("each runs every task once", "[cpu]") {
  const unsigned threads = GENERATE(1u, 2u, 5u);
  const uint64_t tasks = GENERATE(0u, 1u, 3u, 257u);
  std::vector<std::atomic<int>> hits(tasks);
  Team(threads).each(tasks, [&](uint64_t i, unsigned) { ++hits[i]; });
  for (const auto& h : hits) REQUIRE(h == 1);
}

TEST_CASE("teams on several host threads do not disturb each other", "[cpu]") {
  std::atomic<uint64_t> sum{0};
  std::vector<std::thread> hosts;
  for (int h = 0; h < 4; ++h)
    hosts.emplace_back([&] {
      for (int round = 0; round < 50; ++round)
        Team(2).split(100, 1, [&](uint64_t begin, uint64_t end, unsigned) { sum += end - begin; });
    });
  for (std::thread& t : hosts) t.join();
  REQUIRE(sum == 4 * 50 * 100);
}

}  // namespace
