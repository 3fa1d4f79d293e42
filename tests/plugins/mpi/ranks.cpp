// The face of tests/core/transport/ranks.hpp for ranks that mpirun has started: this process is one of them, and the
// others run the same tests in the same order.
#include "../../core/transport/ranks.hpp"

namespace tests {
namespace {

rlx::RankOptions launched() {
  auto options = rlx::RankOptions::from_environment();
  if (!options) RLX_SKIP("this process was not started by mpirun: " + options.error().text());
  return *options;
}

rlx::Transport mpi() {
  auto transport = rlx::Transport::find("mpi");
  INFO((transport ? std::string() : transport.error().text()));
  REQUIRE(transport);
  return *transport;
}

// What this rank answered; what the others did, their own processes report.
template <typename Join, typename Function>
std::vector<rlx::Status> run(uint32_t world, rlx::RankOptions options, const Join& join, const Function& function) {
  const rlx::RankOptions here = launched();
  std::vector<rlx::Status> statuses(world);
  options.group = fresh_group();
  // The test is run with each number of processes that it wants.
  if (world != here.world_size) return statuses;
  options.rank = here.rank;
  options.world_size = world;
  auto joined = join(options);
  statuses[here.rank] = joined ? function(*joined) : tl::unexpected<rlx::Error>(joined.error());
  return statuses;
}

void require_all(const std::vector<rlx::Status>& statuses) {
  for (const rlx::Status& status : statuses) {
    INFO("rank " << launched().rank << ": " << (status ? "" : status.error().text()));
    REQUIRE(status.has_value());
  }
}

}  // namespace

std::string fresh_group() {
  static uint32_t count = 0;
  return "test-" + std::to_string(++count);
}

std::vector<rlx::Status> run_ranks(const rlx::Transport& transport, uint32_t world, rlx::RankOptions options,
                                   const RankFunction& function) {
  return run(
      world, std::move(options), [&](const rlx::RankOptions& mine) { return transport.attach(mine); }, function);
}

void require_ranks(const rlx::Transport& transport, uint32_t world, const rlx::RankOptions& options,
                   const RankFunction& function) {
  require_all(run_ranks(transport, world, options, function));
}

std::vector<rlx::Status> run_groups(const rlx::Transport& transport, uint32_t world, const rlx::GroupOptions& group,
                                    const GroupFunction& function, rlx::RankOptions options) {
  options.heap_bytes = uint64_t{8} << 20;
  const auto join = [&](const rlx::RankOptions& mine) { return rlx::ProcessGroup::create(transport, mine, group); };
  return run(world, std::move(options), join, function);
}

void require_groups(const rlx::Transport& transport, uint32_t world, const rlx::GroupOptions& group,
                    const GroupFunction& function) {
  require_all(run_groups(transport, world, group, function));
}

std::vector<rlx::Transport> thread_transports() {
  return {mpi()};
}

}  // namespace tests
