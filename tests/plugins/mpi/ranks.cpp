// Ranks that mpirun has started: this process is one of them, and the others run the same tests in the same order.
#include "../../core/transport/ranks.hpp"

namespace tests {
namespace {

rlx::RankOptions launched() {
  auto options = rlx::RankOptions::from_environment();
  if (!options) RLX_SKIP("this process was not started by mpirun: " + options.error().text());
  return *options;
}

}  // namespace

std::string fresh_group() {
  static uint32_t count = 0;
  return "test-" + std::to_string(++count);
}

// What the others answered, their own processes report.
std::vector<rlx::Status> run_world(uint32_t world, rlx::RankOptions options, const AsRank& as_rank) {
  const rlx::RankOptions here = launched();
  std::vector<rlx::Status> statuses(world);
  options.group = fresh_group();
  // The test is run with each number of processes that it wants.
  if (world != here.world_size) return statuses;
  options.rank = here.rank;
  options.world_size = world;
  statuses[here.rank] = as_rank(options, [] {});
  return statuses;
}

std::vector<rlx::Transport> thread_transports() {
  auto transport = rlx::Transport::find("mpi");
  INFO((transport ? std::string() : transport.error().text()));
  REQUIRE(transport);
  return {*transport};
}

}  // namespace tests
