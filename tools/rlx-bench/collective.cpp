// The subcommand's arguments, ranks and output.

#include "collective.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <arguments.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

namespace rlx::tools {
namespace {

RankOptions options_of(const CollectiveArguments& args, const std::string& group, uint32_t rank) {
  RankOptions options;
  options.rank = rank;
  options.world_size = args.ranks;
  options.group = group;
  options.deadline_ns = args.deadline_s * 1'000'000'000;
  // Source and target of the largest message, in case they shall lie there.
  options.heap_bytes = args.in_heap || args.op == "put" || args.op == "get" ? 2 * args.largest + 4096 : 4096;
  return options;
}

// Ranks of these are threads or processes of this program; others are started by somebody else.
bool starts_ranks(const std::string& transport) {
  return transport == "local" || transport == "shm";
}

Result<std::vector<Sample>> as_rank(const CollectiveArguments& args, const std::string& group, uint32_t rank) {
  RLX_ASSIGN(const Transport transport, Transport::find(args.transport));
  RLX_ASSIGN(ProcessGroup world, ProcessGroup::create(transport, options_of(args, group, rank)));
  return sweep(world, args);
}

void print(const CollectiveArguments& args, const std::vector<Sample>& samples) {
  const double factor = bus_factor(args.op, args.ranks);
  std::printf("%s f32, %s, %u ranks, buffers in %s\n", args.op.c_str(), args.transport.c_str(), args.ranks,
              args.in_heap ? "the heap" : "private memory");
  std::printf("%12s %12s %12s %10s %10s %8s  %s\n", "bytes", "min us", "median us", "alg GB/s", "bus GB/s", "moved",
              "algorithm");
  for (const Sample& s : samples)
    std::printf("%12llu %12.3f %12.3f %10.3f %10.3f %8.2f  %s\n", static_cast<unsigned long long>(s.bytes), s.min_us,
                s.median_us, s.algorithm_bandwidth() / 1e9, s.bus_bandwidth(factor) / 1e9, s.moved_share,
                s.algorithm.c_str());
}

void print_json(const CollectiveArguments& args, const std::vector<Sample>& samples) {
  const double factor = bus_factor(args.op, args.ranks);
  for (const Sample& s : samples)
    std::cout << nlohmann::json{{"op", args.op},
                                {"transport", args.transport},
                                {"ranks", args.ranks},
                                {"in_heap", args.in_heap},
                                {"bytes", s.bytes},
                                {"runs", s.runs},
                                {"min_us", s.min_us},
                                {"median_us", s.median_us},
                                {"algorithm", s.algorithm},
                                {"algorithm_gbytes", s.algorithm_bandwidth() / 1e9},
                                {"bus_gbytes", s.bus_bandwidth(factor) / 1e9},
                                {"moved_share", s.moved_share}}
                     .dump()
              << std::endl;
}

}  // namespace

Result<std::vector<Sample>> run_ranks(const CollectiveArguments& args) {
  if (!starts_ranks(args.transport)) return as_rank(args, "bench", args.rank);
  const std::string group = "bench-" + std::to_string(::getpid());
  if (args.transport == "local") {
    std::vector<std::thread> threads;
    for (uint32_t r = 1; r < args.ranks; ++r) threads.emplace_back([&, r] { (void)as_rank(args, group, r); });
    auto samples = as_rank(args, group, 0);
    for (std::thread& t : threads) t.join();
    return samples;
  }
  std::vector<pid_t> children;
  for (uint32_t r = 1; r < args.ranks; ++r) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(as_rank(args, group, r) ? 0 : 1);
    children.push_back(child);
  }
  auto samples = as_rank(args, group, 0);
  for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  return samples;
}

int collective_main(int argc, char** argv) {
  CollectiveArguments args;
  CLI::App app("Measures what ranks exchange, over a sweep of sizes. It starts its own ranks, except under mpirun.",
               "rlx-bench collective");
  app.add_option("--transport", args.transport, "local (threads), shm (processes) or mpi (under mpirun)")
      ->check(CLI::IsMember({"local", "shm", "mpi"}))
      ->capture_default_str();
  app.add_option("--ranks", args.ranks, "how many; mpirun knows better")
      ->check(CLI::Range(1u, 256u))
      ->capture_default_str();
  app.add_option("--op", args.op, "what to measure; copy is a memcpy in private memory, to hold put and get against")
      ->check(CLI::IsMember(
          {"all_reduce", "all_gather", "reduce_scatter", "broadcast", "all_to_all", "put", "get", "copy", "barrier"}))
      ->capture_default_str();
  app.add_option("--algorithm", args.algorithm,
                 "of all_reduce: flat, doubling, halving, ring, staged, direct or native")
      ->check(CLI::IsMember({"auto", "flat", "doubling", "halving", "ring", "staged", "direct", "native"}))
      ->capture_default_str();
  app.add_option("--min-bytes", args.smallest, "smallest message, a multiple of 4")->capture_default_str();
  app.add_option("--max-bytes", args.largest, "largest message")->capture_default_str();
  app.add_option("--seconds", args.seconds, "time to spend on each size")->capture_default_str();
  app.add_flag("--heap", args.in_heap, "buffers lie in the symmetric heap instead of private memory");
  app.add_option("--deadline", args.deadline_s, "seconds without progress after which to give up")
      ->capture_default_str();
  app.add_flag("--json", args.json, "one JSON object a line");
  app.add_option("--plot", args.plot, "write bus bandwidth over size to this SVG file");
  app.footer("Exit codes: 0 all well, 1 the measurement failed, 2 wrong usage.");
  const auto end = parse_arguments(app, "rlx-bench", 2, [&] {
    app.parse(argc, argv);
    if (args.smallest < 4 || args.smallest % 4 || args.largest < args.smallest)
      throw CLI::ValidationError("--min-bytes", std::to_string(args.smallest) +
                                                    " is not a multiple of 4 from 4 to --max-bytes " +
                                                    std::to_string(args.largest));
    // Not after minutes of measuring.
    const auto directory = std::filesystem::path(args.plot).parent_path();
    if (!directory.empty() && !std::filesystem::is_directory(directory))
      throw CLI::ValidationError("--plot", "there is no directory " + directory.string());
  });
  if (end) return *end;
  if (!starts_ranks(args.transport)) {
    const auto here = RankOptions::from_environment();
    if (!here) {
      std::cerr << "rlx-bench: " << here.error().text() << "\n";
      return 1;
    }
    args.rank = here->rank;
    args.ranks = here->world_size;
  }
  const auto samples = run_ranks(args);
  if (!samples) {
    std::cerr << "rlx-bench: " << samples.error().text() << "\n";
    return 1;
  }
  if (args.rank != 0) return 0;
  if (args.json)
    print_json(args, *samples);
  else
    print(args, *samples);
  if (args.plot.empty()) return 0;
  if (Status written = write_plot(args.plot, args, *samples); !written) {
    std::cerr << "rlx-bench: " << written.error().text() << "\n";
    return 1;
  }
  return 0;
}

}  // namespace rlx::tools
