// Runs one function as several ranks, each on a thread of its own. Catch2's assertions belong to the test's own thread,
// so ranks answer with a Status and the test looks at them afterwards.
#pragma once

#include "catch.hpp"

#include <rlx/process_group.hpp>

#include <atomic>
#include <functional>
#include <thread>
#include <vector>

namespace tests {

// A name that no other group has, in this process and on this host.
std::string fresh_group();

// Fails the rank with what and where.
inline rlx::Status expect(bool condition, std::string what) {
  if (condition) return {};
  return rlx::error(rlx::Code::kUnknown, std::move(what));
}

// The status is an error of this code whose text has this part.
rlx::Status expect_error(const rlx::Status& status, rlx::Code code, const std::string& part);

// One rank. What it attached lives until stay() has returned.
using AsRank = std::function<rlx::Status(const rlx::RankOptions& mine, const std::function<void()>& stay)>;
// Runs it as every rank of a world that is here, with rank, world size and group filled in; what each answered. Stay:
// until all have come to it. Each test program has its own: ranks are threads, or what mpirun has started.
std::vector<rlx::Status> run_world(uint32_t world, rlx::RankOptions options, const AsRank& as_rank);

using RankFunction = std::function<rlx::Status(rlx::Rank&)>;

// What each rank answered; options.rank and options.world_size are set here. A rank whose function returned stays
// attached until all have returned.
std::vector<rlx::Status> run_ranks(const rlx::Transport& transport, uint32_t world, const rlx::RankOptions& options,
                                   const RankFunction& function);

// The same, and every rank must succeed.
void require_ranks(const rlx::Transport& transport, uint32_t world, const rlx::RankOptions& options,
                   const RankFunction& function);

// The same with process groups; each heap has room for 8 MiB of data.
using GroupFunction = std::function<rlx::Status(rlx::ProcessGroup&)>;
std::vector<rlx::Status> run_groups(const rlx::Transport& transport, uint32_t world, const rlx::GroupOptions& group,
                                    const GroupFunction& function, rlx::RankOptions options = {});
void require_groups(const rlx::Transport& transport, uint32_t world, const rlx::GroupOptions& group,
                    const GroupFunction& function);

// Every transport whose ranks can be threads of a test.
std::vector<rlx::Transport> thread_transports();

}  // namespace tests
