// From a static graph to an executable: optimise, lower, ask, plan, compile.
#pragma once

#include "runtime/executable.hpp"

#include <rlx/session.hpp>

#include <memory>

namespace rlx {

struct BuildRequest {
  Device device;
  // Take the nodes that device cannot run, the first that can.
  std::vector<Device> fallback = {};
  // Without it, device has to run a part of the program at least: a choice is not replaced in silence.
  bool may_move_all = false;
  CompileOptions options;
  // Constant folding; empty = fold nothing.
  Evaluator evaluate;
  Progress progress;
  // False: the graph goes to the device as it is.
  bool optimise = true;
};

// A program that needs several devices becomes an executable of a partition (partition.hpp). Errors: UNIMPLEMENTED
// naming every node that no device can run, and why; those of verify() and of the plugins.
Result<std::shared_ptr<ExecutableImpl>> build_executable(Graph graph, const BuildRequest& request);

// The part of it behind the optimiser: request.device runs the graph as it is.
Result<std::shared_ptr<ExecutableImpl>> build_for_device(const Graph& graph, const BuildRequest& request,
                                                         CompileReport report);

// The device's answer for each node of a program, statuses released, reasons as text.
struct Support {
  std::vector<rlx_node_support> nodes;
  std::vector<std::string> reasons;
};
Result<Support> query_support(const DeviceImpl& device, const Program& program);

}  // namespace rlx
