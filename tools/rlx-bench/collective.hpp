// rlx-bench collective: what collectives and one-sided accesses between ranks cost, over a sweep of sizes.
#pragma once

#include <rlx/process_group.hpp>

#include <string>
#include <vector>

namespace rlx::tools {

struct CollectiveArguments {
  std::string transport = "local", op = "all_reduce", algorithm = "auto", plot;
  uint32_t ranks = 2;
  uint32_t rank = 0;  // of this process, where somebody else has started the ranks
  uint64_t smallest = 8, largest = uint64_t{256} << 20;
  uint64_t deadline_s = 60;
  double seconds = 0.3;  // for each size
  bool in_heap = false, json = false;
};

// One line of the table. Times are those of the slowest rank.
struct Sample {
  uint64_t bytes = 0, runs = 0;
  double min_us = 0, median_us = 0;
  std::string algorithm;
  double moved_share = 0;  // bytes moved by one rank / message size

  // Size of the message over time, and what the links carry: factor * that, so that it can be held against hardware
  // whatever the number of ranks (2(n-1)/n for all_reduce, (n-1)/n for gathers and scatters, 1 else).
  double algorithm_bandwidth() const { return static_cast<double>(bytes) / (min_us * 1e-6); }
  double bus_bandwidth(double factor) const { return factor * algorithm_bandwidth(); }
};

double bus_factor(const std::string& op, uint32_t ranks);

// As one rank of a group: all sizes. Only rank 0's answer is used.
Result<std::vector<Sample>> sweep(ProcessGroup& group, const CollectiveArguments& args);

// Starts the ranks, as threads or as processes, and is rank 0. Under mpirun it is one of the ranks that are there.
Result<std::vector<Sample>> run_ranks(const CollectiveArguments& args);

// Bus bandwidth over size, both logarithmic.
Status write_plot(const std::string& path, const CollectiveArguments& args, const std::vector<Sample>& samples);

// The subcommand; argv[0] is "collective". Exit code of the program.
int collective_main(int argc, char** argv);

}  // namespace rlx::tools
