// The compiler's entry: from what a frontend built to what one device can run. Called by the runtime, which knows the
// device; this folder sees it only through Target.
#pragma once

#include <rlx/compile.hpp>
#include <rlx/graph.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rlx {

// A device's answer for one node.
struct NodeSupport {
  enum class Level : uint8_t { kNative, kSlow, kNo };
  NodeId node = kNoNode;
  Level level = Level::kNo;
  std::string reason;  // why slow or not at all
};

// The device that is compiled for. Empty callbacks mean: everything is native, nothing can be evaluated, no fused op
// is known.
struct Target {
  std::string device;
  // One answer for every node that is no leaf, in any order. The graph is static.
  std::function<Result<std::vector<NodeSupport>>(const Graph&)> query;
  // Has the device a kernel for the op? Fusions that would make others are left out.
  std::function<bool(std::string_view op)> supports_op;
  // Computes a graph without inputs, parameters or states (rlx::Evaluator).
  std::function<Result<std::vector<Literal>>(const Graph&)> evaluate;
};

// Cleans, folds, fuses and legalises a graph whose shapes are static. Interface leaves (inputs, parameters, states) and
// output names stay as they are, in their order, even where nothing reads them. Fills device, ops, passes, fusions,
// node counts and optimise_ms of the report. Errors: UNIMPLEMENTED with every node that the target cannot run and why;
// INVALID_ARGUMENT for a graph that does not verify. Threads: any.
Result<Graph> optimise(Graph graph, const CompileOptions& options, const Target& target, CompileReport& report);

inline constexpr uint32_t kNoDevice = UINT32_MAX;

struct Assigned {
  Graph graph;
  std::vector<uint32_t> devices;  // of each node: which target runs it; kNoDevice for leaves and erased nodes
};

// The same for a device that others may help: nodes that targets[0] can run neither natively nor decomposed go to the
// first other target that can run them. UNIMPLEMENTED lists the nodes that no target can run, with every reason.
Result<Assigned> optimise_over(Graph graph, const CompileOptions& options, std::span<const Target> targets,
                               CompileReport& report);

}  // namespace rlx
