// rlx-bench MODEL... and rlx-bench collective: latency, rates, allocations, and the share of this machine's measured
// peak.

#include "allocations.hpp"
#include "collective.hpp"
#include "peak.hpp"
#include "work.hpp"

#include <sched.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <arguments.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <limits>
#include <load.hpp>
#include <nlohmann/json.hpp>

namespace {

using namespace rlx;
using namespace rlx::tools;
using Clock = std::chrono::steady_clock;

struct Arguments {
  std::vector<std::string> models, dims, plugins;
  std::string device;
  uint32_t threads = 1;
  double seconds = 1;
  bool json = false, no_peak = false, progress = false;
};

struct Measurement {
  std::string model, device;
  double load_ms = 0, compile_ms = 0, min_us = 0, median_us = 0, allocations = 0;
  size_t runs = 0, kernels = 0;
  Work work;
  CompileReport report;
};

// Runs shorter than a clock read are timed in batches.
Status time_runs(Context& context, std::span<const TensorView> in, std::span<const MutableTensorView> out,
                 double seconds, Measurement& m) {
  for (int warm = 0; warm < 3; ++warm) RLX_TRY(context.run(in, out));
  const auto probe = Clock::now();
  RLX_TRY(context.run(in, out));
  const double one = std::chrono::duration<double>(Clock::now() - probe).count();
  const size_t batch = std::clamp<size_t>(static_cast<size_t>(20e-6 / std::max(one, 1e-9)), 1, 1000);
  std::vector<double> us;
  us.reserve(1 << 20);
  const uint64_t allocations = allocation_count();
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (us.size() < 5 || (Clock::now() < end && us.size() < us.capacity())) {
    const auto start = Clock::now();
    for (size_t i = 0; i < batch; ++i) RLX_TRY(context.run(in, out));
    us.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count() / static_cast<double>(batch));
  }
  m.runs = us.size() * batch;
  m.allocations = allocations == UINT64_MAX
                      ? std::numeric_limits<double>::quiet_NaN()  // nobody counts
                      : static_cast<double>(allocation_count() - allocations) / static_cast<double>(m.runs);
  std::sort(us.begin(), us.end());
  m.min_us = us.front();
  m.median_us = us[us.size() / 2];
  return {};
}

Result<Measurement> measure(const Arguments& args, const std::shared_ptr<Registry>& registry, const std::string& path) {
  LoadOptions options;
  options.path = path;
  options.device = args.device;
  options.compile.threads = args.threads;
  options.show_progress = args.progress;
  RLX_ASSIGN(options.dims, parse_dims(args.dims));
  RLX_ASSIGN(Loaded loaded, load(registry, std::move(options)));
  Measurement m;
  m.model = path.substr(path.find_last_of('/') + 1);
  m.device = loaded.executable.device().id();
  m.load_ms = loaded.load_ms;
  m.compile_ms = loaded.compile_ms;
  if (loaded.graph.is_static()) m.work = count_work(loaded.graph);
  RLX_ASSIGN(Context context, loaded.executable.create_context({.threads = args.threads}));
  std::vector<TensorView> in;
  std::vector<Tensor> results;
  std::vector<MutableTensorView> out;
  for (const Port& p : loaded.executable.inputs())
    in.push_back(std::as_const(loaded.inputs.find(p.name)->second).view());
  for (const Port& p : loaded.executable.outputs()) {
    RLX_ASSIGN(Tensor t, Tensor::zeros(p.type.dtype, p.type.shape));
    results.push_back(std::move(t));
  }
  for (Tensor& t : results) out.push_back(t.view());
  RLX_TRY(time_runs(context, in, out, args.seconds, m));
  m.report = loaded.executable.report();
  return m;
}

void print(const Measurement& m, const Peak& peak) {
  const double seconds = m.min_us * 1e-6, flops = m.work.flops / seconds,
               bytes = (m.work.weight_bytes + m.work.io_bytes) / seconds;
  std::printf("%-32s min %11.3f us  median %11.3f us  %7.1f GFLOP/s  %6.2f GB/s", m.model.c_str(), m.min_us,
              m.median_us, flops / 1e9, bytes / 1e9);
  // The floor of a run is the larger of the two times; the share says how near the run comes to it.
  if (peak.flops > 0)
    std::printf(
        "  %3.0f %% of peak",
        100 * std::max(m.work.flops / peak.flops, (m.work.weight_bytes + m.work.io_bytes) / peak.read_bytes) / seconds);
  std::printf("  %.2f alloc/run  load %.0f ms  compile %.0f ms\n", m.allocations, m.load_ms, m.compile_ms);
}

nlohmann::json to_json(const Measurement& m, const Peak& peak, uint32_t threads) {
  const double seconds = m.min_us * 1e-6;
  nlohmann::json out = {{"model", m.model},
                        {"device", m.device},
                        {"threads", threads},
                        {"min_ms", m.min_us / 1e3},
                        {"median_ms", m.median_us / 1e3},
                        {"runs", m.runs},
                        {"load_ms", m.load_ms},
                        {"compile_ms", m.compile_ms},
                        {"gflops", m.work.flops / seconds / 1e9},
                        {"gbytes", (m.work.weight_bytes + m.work.io_bytes) / seconds / 1e9},
                        {"allocations_per_run", m.allocations},
                        {"peak_gflops", peak.flops / 1e9},
                        {"peak_read_gbytes", peak.read_bytes / 1e9},
                        {"kernels", m.report.kernel_count},
                        {"operand_bytes", m.report.operand_bytes},
                        {"arena_bytes", m.report.arena_bytes},
                        {"arena_lower_bound", m.report.arena_lower_bound},
                        {"weight_bytes", m.report.weight_bytes}};
  if (m.report.ordering)
    out.update({{"barriers", m.report.ordering->barriers}, {"dependencies", m.report.ordering->dependencies}});
  return out;
}

int run(const Arguments& args) {
  auto registry = Registry::create({.plugin_paths = args.plugins, .search_defaults = true, .select = ""});
  if (!registry) {
    std::cerr << "rlx-bench: " << registry.error().text() << "\n";
    return 1;
  }
  Peak peak;
  if (!args.no_peak) peak = measure_peak(args.threads);
  if (!args.json && !args.no_peak)
    std::printf("peak of %u thread(s): %.1f GFLOP/s f32, %.1f GB/s read\n", args.threads, peak.flops / 1e9,
                peak.read_bytes / 1e9);
  int failed = 0;
  for (const std::string& model : args.models) {
    auto m = measure(args, *registry, model);
    if (!m) {
      std::cerr << "rlx-bench: " << model << ": " << m.error().text() << "\n";
      failed = 1;
      continue;
    }
    if (args.json)
      std::cout << to_json(*m, peak, args.threads).dump() << std::endl;
    else
      print(*m, peak);
  }
  return failed;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "collective") return collective_main(argc - 1, argv + 1);
  Arguments args;
  CLI::App app(
      "Measures models and graphs: latency by position-bound I/O, rates, allocations per run, share of the machine's "
      "peak.",
      "rlx-bench");
  app.add_option("MODEL", args.models, "ONNX models, or graphs in text form (.rlx): one op each is fine")->required();
  app.add_option("--device", args.device, "device expression (default: the best device)");
  app.add_option("--threads", args.threads, "threads of a run (0 = all cores)")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_option("--seconds", args.seconds, "time to spend on each model")
      ->check(CLI::Range(0.0, 86400.0))
      ->capture_default_str();
  app.add_option("--dim", args.dims, "NAME=NUMBER: the value of a symbolic dim (default 1)");
  app.add_option("--plugin-path", args.plugins, "plugin file or directory, searched first")->check(CLI::ExistingPath);
  app.add_flag("--json", args.json, "one JSON object a line");
  app.add_flag("--no-peak", args.no_peak, "do not measure the machine's peak");
  app.add_flag("--progress", args.progress, "tell stderr of each phase, even if it is short or no terminal");
  app.footer(
      "rlx-bench collective --help: ranks and what they exchange.\nExit codes: 0 all well, 1 a model failed, 2 wrong "
      "usage.");
  if (const auto end = parse_arguments(app, "rlx-bench", 2, [&] { app.parse(argc, argv); })) return *end;
  // Tables and rates name the number that was used; hardware_concurrency() counts cores that the process may not use.
  cpu_set_t cores;
  if (args.threads == 0) args.threads = ::sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
  return run(args);
}
