// Timing, the same on every rank: ranks start each run together, and the slowest one's time counts.

#include "collective.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace rlx::tools {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

Result<Algorithm> parse_algorithm(const std::string& name) {
  for (uint32_t a = 0; a <= static_cast<uint32_t>(Algorithm::kStaged); ++a)
    if (name_of(static_cast<Algorithm>(a)) == name) return static_cast<Algorithm>(a);
  return error(Code::kInvalidArgument, "algorithm '" + name + "' is unknown");
}

struct Buffers {
  std::vector<char> own;
  char *src = nullptr, *dst = nullptr;
  uint64_t src_at = 0, dst_at = 0;
};

Result<Buffers> make_buffers(ProcessGroup& group, const CollectiveArguments& args) {
  Buffers b;
  if (args.in_heap || args.op == "put" || args.op == "get") {
    RLX_ASSIGN(b.src_at, group.heap().allocate(args.largest));
    RLX_ASSIGN(b.dst_at, group.heap().allocate(args.largest));
  }
  if (args.in_heap) {
    b.src = static_cast<char*>(group.heap().heap()) + b.src_at;
    b.dst = static_cast<char*>(group.heap().heap()) + b.dst_at;
  } else {
    b.own.resize(2 * args.largest);
    b.src = b.own.data();
    b.dst = b.src + args.largest;
  }
  std::fill_n(reinterpret_cast<float*>(b.src), args.largest / 4, 1.0f);
  std::memset(b.dst, 1, args.largest);
  return b;
}

Status run_once(ProcessGroup& group, const CollectiveArguments& args, Algorithm algorithm, const Buffers& b,
                uint64_t bytes) {
  const uint64_t part = bytes / group.size() / 4 * 4;
  if (args.op == "all_reduce")
    return group.all_reduce(Reduction::kSum, DType::kF32, b.src, b.dst, bytes / 4, algorithm);
  if (args.op == "reduce_scatter") return group.reduce_scatter(Reduction::kSum, DType::kF32, b.src, b.dst, part / 4);
  if (args.op == "all_gather") return group.all_gather(b.src, part, b.dst);
  if (args.op == "all_to_all") return group.all_to_all(b.src, b.dst, part);
  if (args.op == "broadcast") return group.broadcast(b.dst, bytes, 0);
  if (args.op == "barrier") return group.heap().barrier();
  return error(Code::kInvalidArgument, "op '" + args.op + "' is unknown");
}

bool is_one_sided(const CollectiveArguments& args) {
  return args.op == "put" || args.op == "get" || args.op == "copy";
}

// One rank moves, the others wait in the next barrier. Nothing but the calls between the clock's readings.
Status move_batch(Rank& rank, const std::string& op, const Buffers& b, uint64_t bytes, uint64_t batch) {
  if (rank.rank() != 0) return {};
  const uint32_t peer = rank.world_size() > 1 ? 1 : 0;
  if (op == "copy")
    for (uint64_t i = 0; i < batch; ++i) {
      std::memcpy(b.dst, b.src, bytes);
      // The copy must not be dropped because nobody reads it.
      asm volatile("" : : "r"(b.dst) : "memory");
    }
  else
    for (uint64_t i = 0; i < batch; ++i)
      RLX_TRY(op == "put" ? rank.put(peer, b.dst_at, b.src, bytes) : rank.get(peer, b.dst_at, b.dst, bytes));
  return {};
}

// Both are the slowest rank's, and so the same on all.
struct Times {
  double run_s = 0, since_start_s = 0;
};

// batch: runs in a row, where one is too short for the clock.
Result<Times> time_batch(ProcessGroup& group, const CollectiveArguments& args, Algorithm algorithm, const Buffers& b,
                         uint64_t bytes, uint64_t batch, Clock::time_point first) {
  RLX_TRY(group.heap().barrier());
  const auto start = Clock::now();
  if (is_one_sided(args))
    RLX_TRY(move_batch(group.heap(), args.op, b, bytes, batch));
  else
    for (uint64_t i = 0; i < batch; ++i) RLX_TRY(run_once(group, args, algorithm, b, bytes));
  double times[2] = {seconds_since(start) / static_cast<double>(batch), seconds_since(first)};
  if (is_one_sided(args) && group.rank() != 0) times[0] = 0;
  RLX_TRY(group.all_reduce(Reduction::kMax, DType::kF64, times, times, 2));
  return Times{times[0], times[1]};
}

Result<Sample> measure(ProcessGroup& group, const CollectiveArguments& args, Algorithm algorithm, const Buffers& b,
                       uint64_t bytes) {
  Sample sample;
  sample.bytes = bytes;
  // Collectives are timed one by one as a program calls them; what takes less than the clock's own time is batched.
  const uint64_t batch = is_one_sided(args) && bytes <= 4096 ? 50 : args.op == "barrier" ? 20 : 1;
  std::vector<double> us;
  const auto start = Clock::now();
  double spent = 0;
  for (uint64_t round = 0; round < 8 || spent < args.seconds; ++round) {
    RLX_ASSIGN(const Times times, time_batch(group, args, algorithm, b, bytes, batch, start));
    spent = times.since_start_s;
    if (round >= 3) us.push_back(times.run_s * 1e6);
  }
  sample.algorithm = "-";
  if (!is_one_sided(args) && args.op != "barrier") {
    RLX_TRY(run_once(group, args, algorithm, b, bytes));
    sample.algorithm = name_of(group.last_algorithm());
    sample.moved_share = static_cast<double>(group.last_moved_bytes()) / static_cast<double>(bytes);
  }
  RLX_TRY(group.heap().barrier());
  std::sort(us.begin(), us.end());
  sample.runs = us.size() * batch;
  sample.min_us = us.front();
  sample.median_us = us[us.size() / 2];
  return sample;
}

}  // namespace

double bus_factor(const std::string& op, uint32_t ranks) {
  const double n = ranks;
  if (op == "all_reduce") return 2 * (n - 1) / n;
  if (op == "all_gather" || op == "reduce_scatter" || op == "all_to_all") return (n - 1) / n;
  return 1;
}

Result<std::vector<Sample>> sweep(ProcessGroup& group, const CollectiveArguments& args) {
  RLX_ASSIGN(const Algorithm algorithm, parse_algorithm(args.algorithm));
  RLX_ASSIGN(const Buffers buffers, make_buffers(group, args));
  std::vector<Sample> samples;
  for (uint64_t bytes = args.smallest; bytes <= args.largest; bytes *= 4) {
    RLX_ASSIGN(Sample sample, measure(group, args, algorithm, buffers, bytes));
    samples.push_back(std::move(sample));
    if (args.op == "barrier") break;
  }
  return samples;
}

}  // namespace rlx::tools
