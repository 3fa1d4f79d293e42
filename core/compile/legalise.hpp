// Makes a graph one that the targets can run.
#pragma once

#include "compile/compiler.hpp"

namespace rlx {

// Replaces what the first target cannot run by its decomposition, until everything runs there. Where a piece of a
// decomposition could not run either and another target runs the node as it is, the node stays whole. Returns the
// device of each node. Fills report.ops; nodes that an earlier call decomposed stay in it. UNIMPLEMENTED lists every
// node that no target can run, with the devices' reasons.
Result<std::vector<uint32_t>> legalise(Graph& graph, std::span<const Target> targets, CompileReport& report);

}  // namespace rlx
