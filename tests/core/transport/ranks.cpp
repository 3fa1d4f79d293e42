#include "ranks.hpp"

#include "sanitizer.hpp"

#include <unistd.h>
#include <latch>

namespace tests {

std::string fresh_group() {
  static std::atomic<uint32_t> count{0};
  return "test-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
}

namespace {

// Join: makes what the function gets. What was made lives until all functions have returned.
template <typename Join, typename Function>
std::vector<rlx::Status> run(uint32_t world, rlx::RankOptions options, const Join& join, const Function& function) {
  options.group = fresh_group();
  options.world_size = world;
  std::vector<rlx::Status> statuses(world);
  std::latch finished(world);
  std::vector<std::thread> threads;
  for (uint32_t r = 0; r < world; ++r) {
    threads.emplace_back([&, r, mine = options]() mutable {
      mine.rank = r;
      auto joined = join(mine);
      statuses[r] = joined ? function(*joined) : tl::unexpected<rlx::Error>(joined.error());
      finished.arrive_and_wait();
    });
  }
  for (std::thread& t : threads) t.join();
  return statuses;
}

void require_all(const rlx::Transport& transport, const std::vector<rlx::Status>& statuses) {
  for (size_t r = 0; r < statuses.size(); ++r) {
    INFO(transport.name() << ", rank " << r << " of " << statuses.size() << ": "
                          << (statuses[r] ? "" : statuses[r].error().text()));
    REQUIRE(statuses[r].has_value());
  }
}

}  // namespace

std::vector<rlx::Status> run_ranks(const rlx::Transport& transport, uint32_t world, rlx::RankOptions options,
                                   const RankFunction& function) {
  return run(
      world, std::move(options), [&](const rlx::RankOptions& mine) { return transport.attach(mine); }, function);
}

void require_ranks(const rlx::Transport& transport, uint32_t world, const rlx::RankOptions& options,
                   const RankFunction& function) {
  require_all(transport, run_ranks(transport, world, options, function));
}

std::vector<rlx::Status> run_groups(const rlx::Transport& transport, uint32_t world, const rlx::GroupOptions& group,
                                    const GroupFunction& function, rlx::RankOptions options) {
  options.heap_bytes = uint64_t{8} << 20;
  const auto join = [&](const rlx::RankOptions& mine) { return rlx::ProcessGroup::create(transport, mine, group); };
  return run(world, std::move(options), join, function);
}

void require_groups(const rlx::Transport& transport, uint32_t world, const rlx::GroupOptions& group,
                    const GroupFunction& function) {
  require_all(transport, run_groups(transport, world, group, function));
}

std::vector<rlx::Transport> thread_transports() {
  // Each rank of shm maps the memory for itself: the thread sanitizer takes one word at two addresses for two.
  if (kThreadSanitizer) return {rlx::Transport::local()};
  return {rlx::Transport::local(), rlx::Transport::shm()};
}

}  // namespace tests
