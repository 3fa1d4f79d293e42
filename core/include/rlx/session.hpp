// Running programs: Session (graph + device + options) -> Executable (weights, shared) -> Context (private memory).
//
//   auto registry = rlx::Registry::create();
//   auto session  = rlx::Session::create(*registry, graph, {.device = "cpu"});
//   auto outputs  = session->run({{"x", x.view()}});
//
// I/O is strict: unknown and missing names, other sizes and shapes are errors; nothing is truncated and no stale input
// is reused.
#pragma once

#include <rlx/compile.hpp>
#include <rlx/registry.hpp>
#include <rlx/tensor.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace rlx {

class ProcessGroup;

// One input, output, parameter or state of a program.
struct Port {
  std::string name;
  TensorType type;
};

// Makes a static graph for given values of the symbolic dims: a model file, or a graph with symbols.
struct GraphSource {
  std::vector<std::string> symbols;
  std::vector<Port> inputs;  // dims may be symbol_dim(k), k indexing symbols
  std::function<Result<Graph>(const Bindings&)> build;

  RLX_API static GraphSource of(Graph graph);
};

struct NamedView {
  std::string name;
  TensorView view;
};
struct NamedTensor {
  std::string name;
  Tensor tensor;
};

struct ExecutableImpl;
struct ContextImpl;
struct SessionImpl;

struct ContextOptions {
  uint32_t threads = 0;  // 0 = the executable's
};

struct ArenaStats {
  uint64_t size = 0, lower_bound = 0, scratch = 0;
  uint64_t pool_in_use = 0, pool_reserved = 0, pool_peak = 0, pool_cap = 0, pool_hits = 0, pool_misses = 0;
};

struct KernelTime {
  std::string op, node, kernel;
  uint64_t time_ns = 0;
  uint64_t operand_bytes = 0;  // what it reads and writes, each operand as a whole; 0: not known
};

// The end of a submitted run. Copyable; waiting twice is fine.
class Pending {
 public:
  Pending() = default;
  // DEADLINE_EXCEEDED when the run is still going; else the run's own status.
  RLX_API Status wait(std::chrono::nanoseconds deadline = std::chrono::nanoseconds::max()) const;

 private:
  friend class Context;
  struct State;
  std::shared_ptr<State> state_;
};

// Private memory for one run at a time. Use by two threads at once is the error BUSY, never a race. Movable.
class Context {
 public:
  RLX_API Context();
  RLX_API Context(Context&&) noexcept;
  RLX_API Context& operator=(Context&&) noexcept;
  RLX_API ~Context();

  // Copies and converts an input. The shape must be the port's.
  RLX_API Status set_input(std::string_view name, const TensorView& value);
  RLX_API Status set_input(size_t index, const TensorView& value);
  // Uses the caller's memory (dtype and shape the port's, aligned to an element) until rebound or the context ends.
  // On devices without host pointers the bytes are copied at each run. Null data unbinds.
  RLX_API Status bind_input(size_t index, const TensorView& value);
  RLX_API Status bind_output(size_t index, const MutableTensorView& value);

  // Runs once and waits. FAILED_PRECONDITION naming every input that was never set.
  RLX_API Status run();
  // The whole call by position: binds, runs. No lookup and no allocation once the same pointers were seen.
  RLX_API Status run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs);
  // Starts a run; the context is BUSY until it ends.
  RLX_API Result<Pending> submit();

  // Copies and converts an output; dst.shape must be the port's, dtype is the caller's choice.
  RLX_API Status read_output(size_t index, const MutableTensorView& dst) const;
  RLX_API Result<Tensor> output(size_t index) const;
  RLX_API Result<Tensor> output(std::string_view name) const;
  // Borrowed until the next run or the context's end; only where the device's memory is the host's, else UNIMPLEMENTED.
  RLX_API Result<TensorView> output_view(size_t index) const;

  // States live in the context between runs.
  RLX_API Status write_state(std::string_view name, const TensorView& value);
  RLX_API Result<Tensor> read_state(std::string_view name) const;
  RLX_API Status reset_state();
  RLX_API Status clone_state(const Context& from);
  // After each run, the output is copied to the input on the device.
  RLX_API Status feed(std::string_view output, std::string_view input);

  RLX_API Result<ArenaStats> arena_stats() const;
  // Runs once with a clock around every kernel, and around the copies for devices that cannot use bound memory
  // ("transfer").
  RLX_API Result<std::vector<KernelTime>> profile();

 private:
  friend class Executable;
  std::unique_ptr<ContextImpl> impl_;
};

// A compiled program with its weights; immutable, shared, free-threaded. A cheap handle.
class Executable {
 public:
  Executable() = default;
  explicit Executable(std::shared_ptr<ExecutableImpl> impl) : impl_(std::move(impl)) {}
  RLX_API const std::vector<Port>& inputs() const;
  RLX_API const std::vector<Port>& outputs() const;
  RLX_API const std::vector<Port>& params() const;
  RLX_API const std::vector<Port>& states() const;
  // Before the first context: sets a parameter. Unknown name, other size: errors.
  RLX_API Status set_param(std::string_view name, const TensorView& value);
  // Packs weights; FAILED_PRECONDITION lists parameters without a value. Called by create_context when needed.
  RLX_API Status finalize();
  RLX_API Result<Context> create_context(const ContextOptions& options = {}) const;
  // From finalize() on with the plugin's own figures; a reference taken before keeps the compiler's. Threads: any, also
  // while another one finalizes.
  RLX_API const CompileReport& report() const;
  // Of a partition: one that stands for all its devices, "vulkan:0+cpu:0".
  RLX_API const Device& device() const;
  // 32 hex digits: of the program with all constants; stable across processes.
  RLX_API std::string fingerprint() const;
  explicit operator bool() const { return impl_ != nullptr; }

 private:
  std::shared_ptr<ExecutableImpl> impl_;
};

// Computes a graph without inputs, parameters or states: its outputs as literals, in order. For constant folding.
using Evaluator = std::function<Result<std::vector<Literal>>(const Graph&)>;
// Runs on the reference device when there is one (its rounding is the definition), else on the best device.
RLX_API Evaluator make_evaluator(std::shared_ptr<Registry> registry);

// Called during long work: the phase ("optimise", "compile", "pack"), and how many of its parts are done; total 0 =
// unknown. Any thread; must not call back into the session.
using Progress = std::function<void(std::string_view phase, uint64_t done, uint64_t total)>;

struct SessionOptions {
  std::string device;  // an expression of Registry::find
  // Devices that take the nodes which the device cannot run, the first that can: "cuda,cpu:0"; empty = none, such a
  // node is an error. Unset: the other devices of a list in `device`; if that names one device, the CPUs (software
  // devices left out), and then a program of which the device could run nothing is an error.
  std::optional<std::string> fallback = {};
  // Runs the graph's collectives (docs/ops.md). Runs of all sessions with one group go one at a time, and in the same
  // order on every rank; a second one at the same time is BUSY.
  std::shared_ptr<ProcessGroup> group = {};
  CompileOptions compile;
  Bindings bindings;  // symbols known in advance
  // Executables kept for different bindings (least recently used goes first).
  size_t max_buckets = 8;
  // Rounds a symbol's run-time value up to a compiled size; empty = exact. Inputs are zero-padded, outputs cut back.
  std::function<int64_t(std::string_view symbol, int64_t value)> bucket;
  Progress progress;
};

class Session {
 public:
  RLX_API Session();
  RLX_API Session(Session&&) noexcept;
  RLX_API Session& operator=(Session&&) noexcept;
  RLX_API ~Session();
  RLX_API static Result<Session> create(std::shared_ptr<Registry> registry, GraphSource source,
                                        SessionOptions options = {});
  RLX_API static Result<Session> create(std::shared_ptr<Registry> registry, Graph graph, SessionOptions options = {});

  RLX_API const Device& device() const;
  RLX_API const std::vector<Port>& inputs() const;
  RLX_API const std::vector<std::string>& symbols() const;
  // Compiles at the first call for these bindings. Threads: any.
  RLX_API Result<Executable> executable(const Bindings& bindings = {});
  // Convenience: takes symbol values from the inputs' shapes, keeps one context per bucket, returns all outputs.
  // Threads: one at a time.
  RLX_API Result<std::vector<NamedTensor>> run(const std::vector<NamedView>& inputs);

 private:
  std::unique_ptr<SessionImpl> impl_;
};

}  // namespace rlx
