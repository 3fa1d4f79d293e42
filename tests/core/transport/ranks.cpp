#include "ranks.hpp"

#include <unistd.h>
#include <latch>

namespace tests {

std::string fresh_group() {
  static std::atomic<uint32_t> count{0};
  return "test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

std::vector<rlx::Status> run_ranks(const rlx::Transport& transport, uint32_t world, rlx::RankOptions options,
                                   const RankFunction& function) {
  options.group = fresh_group();
  std::vector<rlx::Status> statuses(world);
  std::latch finished(world);
  std::vector<std::thread> threads;
  for (uint32_t r = 0; r < world; ++r) {
    threads.emplace_back([&, r, mine = options]() mutable {
      mine.rank = r;
      mine.world_size = world;
      auto rank = transport.attach(mine);
      statuses[r] = rank ? function(*rank) : tl::unexpected<rlx::Error>(rank.error());
      finished.arrive_and_wait();
    });
  }
  for (std::thread& t : threads) t.join();
  return statuses;
}

void require_ranks(const rlx::Transport& transport, uint32_t world, const rlx::RankOptions& options,
                   const RankFunction& function) {
  const std::vector<rlx::Status> statuses = run_ranks(transport, world, options, function);
  for (uint32_t r = 0; r < world; ++r) {
    INFO(transport.name() << ", rank " << r << " of " << world << ": "
                          << (statuses[r] ? "" : statuses[r].error().text()));
    REQUIRE(statuses[r].has_value());
  }
}

std::vector<rlx::Transport> thread_transports() {
  return {rlx::Transport::local()};
}

}  // namespace tests
