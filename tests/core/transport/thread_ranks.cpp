// Ranks that are threads of the test, of every transport that allows it.
#include "ranks.hpp"

#include "sanitizer.hpp"

#include <unistd.h>
#include <latch>

namespace tests {

std::string fresh_group() {
  static std::atomic<uint32_t> count{0};
  return "test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

std::vector<rlx::Status> run_world(uint32_t world, rlx::RankOptions options, const AsRank& as_rank) {
  options.group = fresh_group();
  options.world_size = world;
  std::vector<rlx::Status> statuses(world);
  std::latch finished(world);
  std::vector<std::thread> threads;
  for (uint32_t r = 0; r < world; ++r) {
    threads.emplace_back([&, r, mine = options]() mutable {
      mine.rank = r;
      statuses[r] = as_rank(mine, [&] { finished.arrive_and_wait(); });
    });
  }
  for (std::thread& t : threads) t.join();
  return statuses;
}

std::vector<rlx::Transport> thread_transports() {
  // Each rank of shm maps the memory for itself: the thread sanitizer takes one word at two addresses for two.
  if (kThreadSanitizer) return {rlx::Transport::local()};
  return {rlx::Transport::local(), rlx::Transport::shm()};
}

}  // namespace tests
