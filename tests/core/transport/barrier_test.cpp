// Barriers that are used again and again, with ranks that are late at random.
#include "options.hpp"
#include "ranks.hpp"

#include <chrono>
#include <random>

using namespace rlx;
using namespace tests;

namespace {

// Sometimes nothing, sometimes long enough that the others sleep.
void dawdle(std::mt19937& random) {
  const uint32_t choice = random() % 64;
  if (choice == 0) std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
  if (choice < 8) std::this_thread::yield();
}

}  // namespace

TEST_CASE("no rank leaves a barrier before the last one has come, ten thousand times", "[transport]") {
  for (const Transport& transport : thread_transports())
    for (const uint32_t world : {2u, 3u, 8u}) {
      CAPTURE(world, seed());
      const uint32_t rounds = world == 8 ? 1000 : 4500;
      std::vector<std::atomic<uint32_t>> reached(world);
      require_ranks(transport, world, {}, [&](Rank& rank) -> Status {
        std::mt19937 random(seed() + rank.rank());
        for (uint32_t round = 1; round <= rounds; ++round) {
          dawdle(random);
          reached[rank.rank()].store(round, std::memory_order_relaxed);
          RLX_TRY(rank.barrier());
          for (uint32_t r = 0; r < world; ++r) {
            const uint32_t other = reached[r].load(std::memory_order_relaxed);
            RLX_TRY(expect(other == round || other == round + 1, "rank " + std::to_string(r) + " is in round " +
                                                                     std::to_string(other) + " instead of " +
                                                                     std::to_string(round)));
          }
        }
        return {};
      });
    }
}

TEST_CASE("a barrier publishes plain stores", "[transport]") {
  for (const Transport& transport : thread_transports()) {
    std::vector<uint32_t> plain(4);
    require_ranks(transport, 4, {}, [&](Rank& rank) -> Status {
      for (uint32_t round = 1; round <= 500; ++round) {
        plain[rank.rank()] = round;
        RLX_TRY(rank.barrier());
        for (const uint32_t value : plain) RLX_TRY(expect(value == round, "stale value"));
        RLX_TRY(rank.barrier());
      }
      return {};
    });
  }
}

TEST_CASE("a barrier that ran into its deadline is resumed, and names who is missing", "[transport]") {
  for (const Transport& transport : thread_transports()) {
    std::atomic<bool> go{false};
    require_ranks(transport, 4, {}, [&](Rank& rank) -> Status {
      if (rank.rank() % 2 == 1) {
        while (!go.load()) std::this_thread::yield();
        return rank.barrier();
      }
      const uint64_t deadline = rank.rank() == 0 ? 0 : 20'000'000;
      Status timed_out = rank.barrier(deadline);
      // The other even rank may not have come yet either.
      while (!timed_out && timed_out.error().message.find("ranks 1, 3 of 4") == std::string::npos) {
        RLX_TRY(expect(timed_out.error().code == Code::kDeadlineExceeded, timed_out.error().text()));
        timed_out = rank.barrier(deadline);
      }
      RLX_TRY(expect(!timed_out, "the barrier ended without ranks 1 and 3"));
      if (rank.rank() == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        go.store(true);
      }
      return rank.barrier();
    });
  }
}
