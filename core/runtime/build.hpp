// From a static graph to an executable on one device: optimise, lower, ask, plan, compile.
#pragma once

#include "runtime/executable.hpp"

#include <rlx/session.hpp>

#include <memory>

namespace rlx {

struct BuildRequest {
  Device device;
  CompileOptions options;
  // Constant folding; empty = fold nothing.
  Evaluator evaluate;
  Progress progress;
  // False: the graph goes to the device as it is.
  bool optimise = true;
};

// Errors: UNIMPLEMENTED naming every node that the device cannot run, and why; those of verify() and of the plugin.
Result<std::shared_ptr<ExecutableImpl>> build_executable(Graph graph, const BuildRequest& request);

// The device's answer for each node of a program, statuses released, reasons as text.
struct Support {
  std::vector<rlx_node_support> nodes;
  std::vector<std::string> reasons;
};
Result<Support> query_support(const DeviceImpl& device, const Program& program);

}  // namespace rlx
