// rlx-run MODEL: compiles a model, runs it, says what came out; with --check compares with a test set.

#include "print.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <arguments.hpp>
#include <chrono>
#include <iostream>
#include <load.hpp>
#include <npy.hpp>
#include <numeric>
#include <testset.hpp>

namespace {

using namespace rlx;
using namespace rlx::tools;

struct Arguments {
  std::string model, device, output, check;
  std::optional<std::string> fallback;
  std::vector<std::string> inputs, dims, plugins;
  uint32_t threads = 0;
  size_t repeat = 1;
  double rtol = 1e-3, atol = 1e-5;
  bool report = false, profile = false, progress = false, resident = false, tf32 = false;
};

constexpr int kUsage = 2, kFailed = 1;

Result<Tensor> read_value(const std::string& file) {
  if (file.ends_with(".npy")) return read_npy(file);
  if (file.ends_with(".pb")) {
    RLX_ASSIGN(NamedTensor t, onnx::read_tensor(file));
    return std::move(t.tensor);
  }
  return error(Code::kInvalidArgument, "input file '" + file + "' is neither .npy nor .pb");
}

// "name=file" or "name=random"; random inputs are made later, when their shape is known.
Status read_inputs(const std::vector<std::string>& given, LoadOptions& options) {
  for (const std::string& pair : given) {
    const std::string name = pair.substr(0, pair.find('=')), value = pair.substr(name.size() + 1);
    if (value == "random") {
      options.random_inputs.push_back(name);
      continue;
    }
    RLX_ASSIGN(Tensor t, read_value(value));
    options.inputs.insert_or_assign(name, std::move(t));
  }
  return {};
}

// What CLI11 cannot see: a mistake here is wrong usage, and nothing was read yet.
Status check_arguments(const Arguments& args) {
  RLX_TRY(parse_dims(args.dims));
  for (const std::string& pair : args.inputs) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0)
      return error(Code::kInvalidArgument, "--input '" + pair + "' is not of the form NAME=FILE or NAME=random");
  }
  if (!args.check.empty() && is_text_graph(args.model))
    return error(Code::kInvalidArgument, "--check needs an ONNX model; '" + args.model + "' is a graph in text form");
  return {};
}

struct Times {
  double min_ms = 0, median_ms = 0;
};

Result<Times> run(Context& context, size_t repeat) {
  std::vector<double> ms;
  for (size_t i = 0; i < repeat; ++i) {
    const auto start = std::chrono::steady_clock::now();
    RLX_TRY(context.run());
    ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(ms.begin(), ms.end());
  return Times{ms.front(), ms[ms.size() / 2]};
}

// A profile is one run's; of several the fastest says most about the device.
Result<std::vector<KernelTime>> profile(Context& context, size_t repeat) {
  constexpr size_t kMost = 5;
  const auto total = [](const std::vector<KernelTime>& kernels) {
    return std::accumulate(kernels.begin(), kernels.end(), uint64_t{0},
                           [](uint64_t sum, const KernelTime& k) { return sum + k.time_ns; });
  };
  RLX_ASSIGN(std::vector<KernelTime> best, context.profile());
  for (size_t i = 1; i < std::min(repeat, kMost); ++i) {
    RLX_ASSIGN(std::vector<KernelTime> next, context.profile());
    if (total(next) < total(best)) best = std::move(next);
  }
  return best;
}

// Bound inputs are copied to a device without host pointers in each run; resident ones once, and outputs at the end.
Status give_inputs(Context& context, const Executable& exe, const Loaded& loaded, bool resident) {
  for (size_t i = 0; i < exe.inputs().size(); ++i) {
    const TensorView view = loaded.inputs.find(exe.inputs()[i].name)->second.view();
    RLX_TRY(resident ? context.set_input(i, view) : context.bind_input(i, view));
  }
  return {};
}

Status write_outputs(const Context& context, const Executable& exe, const std::string& dir) {
  for (size_t i = 0; i < exe.outputs().size(); ++i) {
    RLX_ASSIGN(Tensor t, context.output(i));
    std::string name = exe.outputs()[i].name;
    std::replace(name.begin(), name.end(), '/', '_');
    RLX_TRY(write_npy(dir + "/" + name + ".npy", static_cast<const Tensor&>(t).view()));
  }
  return {};
}

// Loads, runs and prints once; `want` holds expected outputs or nothing. Returns whether all were equal.
Result<bool> run_once(const Arguments& args, const std::shared_ptr<Registry>& registry, LoadOptions options,
                      const std::vector<NamedTensor>& want) {
  RLX_ASSIGN(Loaded loaded, load(registry, std::move(options)));
  const Executable& exe = loaded.executable;
  RLX_ASSIGN(Context context, exe.create_context({.threads = args.threads}));
  RLX_TRY(give_inputs(context, exe, loaded, args.resident));
  RLX_ASSIGN(Times times, run(context, args.repeat));
  std::cout << "device   " << exe.device().id() << " (" << exe.device().info().name << ")\n";
  for (const std::string& dim : loaded.assumed_dims)
    std::cout << "dim      " << dim << " = 1, since --dim gives no size\n";
  print_times(loaded.load_ms, loaded.compile_ms, times.min_ms, times.median_ms, args.repeat);
  bool equal = true;
  for (size_t i = 0; i < exe.outputs().size(); ++i) {
    RLX_ASSIGN(Tensor t, context.output(i));
    const TensorView view = std::as_const(t).view();
    const auto expected =
        std::find_if(want.begin(), want.end(), [&](const NamedTensor& w) { return w.name == exe.outputs()[i].name; });
    if (expected == want.end()) {
      print_output(exe.outputs()[i].name, view);
      continue;
    }
    const Comparison c = compare(exe.outputs()[i].name, view, expected->tensor.view(), {args.rtol, args.atol});
    print_comparison(exe.outputs()[i].name, c);
    equal &= c.equal;
  }
  if (!args.output.empty()) RLX_TRY(write_outputs(context, exe, args.output));
  if (args.report) {
    std::cout << exe.report().text();
    RLX_ASSIGN(ArenaStats arena, context.arena_stats());
    print_memory(arena, exe.report().weight_bytes);
  }
  if (args.profile) {
    RLX_ASSIGN(std::vector<KernelTime> kernels, profile(context, args.repeat));
    print_profile(kernels);
  }
  return equal;
}

Result<bool> run_all(const Arguments& args) {
  RLX_ASSIGN(std::shared_ptr<Registry> registry,
             Registry::create({.plugin_paths = args.plugins, .search_defaults = true, .select = ""}));
  LoadOptions options;
  options.path = args.model;
  options.device = args.device;
  options.fallback = args.fallback;
  options.compile.threads = args.threads;
  if (args.tf32) options.compile.f32_products = Precision::kTf32;
  options.show_progress = args.progress;
  RLX_ASSIGN(options.dims, parse_dims(args.dims));
  RLX_TRY(read_inputs(args.inputs, options));
  if (args.check.empty()) return run_once(args, registry, std::move(options), {});
  RLX_ASSIGN(onnx::Model model, onnx::Model::load(args.model));
  const std::vector<std::string> sets = find_test_sets(args.check);
  if (sets.empty()) return error(Code::kNotFound, args.check + ": no test_data_set_* and no input_0.pb");
  bool equal = true;
  for (const std::string& dir : sets) {
    RLX_ASSIGN(TestSet set, read_test_set(dir, model));
    LoadOptions with_inputs = options;
    for (NamedTensor& t : set.inputs) with_inputs.inputs.insert_or_assign(t.name, std::move(t.tensor));
    auto same = run_once(args, registry, std::move(with_inputs), set.outputs);
    if (!same) return with_context(same.error(), dir);
    equal &= *same;
  }
  return equal;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments args;
  std::string given_fallback;
  CLI::App app("Compiles and runs a model.", "rlx-run");
  app.add_option("MODEL", args.model, "an ONNX model, or a graph in text form (.rlx)")->required();
  app.add_option("--device", args.device,
                 "device expression: cpu, cpu:0, or a list cuda,cpu (default: the best device)");
  const CLI::Option* fallback =
      app.add_option("--fallback", given_fallback,
                     "devices for the nodes that the device cannot run; none: an error (default: the rest of the "
                     "--device list, else the CPUs)");
  app.add_option("--input", args.inputs, "NAME=FILE.npy, NAME=FILE.pb or NAME=random (the default)");
  app.add_option("--dim", args.dims, "NAME=NUMBER: the value of a symbolic dim");
  app.add_option("--output", args.output, "directory: write each output as NAME.npy")->check(CLI::ExistingDirectory);
  app.add_option("--check", args.check, "compare with an ONNX test_data_set directory")->check(CLI::ExistingDirectory);
  app.add_option("--rtol", args.rtol, "relative tolerance of --check")->capture_default_str();
  app.add_option("--atol", args.atol, "absolute tolerance of --check")->capture_default_str();
  app.add_option("--threads", args.threads, "threads of a run (0 = all cores)")
      ->check(CLI::Range(0, 4096))
      ->capture_default_str();
  app.add_flag("--tf32", args.tf32, "products of f32 may lose digits where the device is faster then");
  app.add_option("--repeat", args.repeat, "runs to time")->check(CLI::Range(1, 1000000000))->capture_default_str();
  app.add_flag("--resident", args.resident, "keep inputs and outputs on the device between runs");
  app.add_option("--plugin-path", args.plugins, "plugin file or directory, searched first")->check(CLI::ExistingPath);
  app.add_flag("--report", args.report, "print what the compiler did");
  app.add_flag("--profile", args.profile,
               "print the time and the operands' bytes of each op and of the slowest kernels");
  app.add_flag("--progress", args.progress, "tell stderr of each phase, even if it is short or no terminal");
  app.footer("Exit codes: 0 all well, 1 a failure or a mismatch, 2 wrong usage.");
  if (const auto end = parse_arguments(app, "rlx-run", kUsage, [&] { app.parse(argc, argv); })) return *end;
  if (fallback->count() > 0) args.fallback = given_fallback == "none" ? "" : given_fallback;
  if (auto good = check_arguments(args); !good) {
    std::cerr << "rlx-run: " << good.error().text() << "\n";
    return kUsage;
  }
  auto equal = run_all(args);
  if (!equal) {
    std::cerr << "rlx-run: " << equal.error().text() << "\n";
    return kFailed;
  }
  if (!*equal) std::cerr << "rlx-run: outputs differ from the test set\n";
  return *equal ? 0 : kFailed;
}
