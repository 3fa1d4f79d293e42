// Makes a graph one that the target can run.
#pragma once

#include "compile/compiler.hpp"

namespace rlx {

// Replaces what the target cannot run by its decomposition, until everything runs. Fills report.ops; nodes that an
// earlier call decomposed stay in it. UNIMPLEMENTED lists every node that can run neither way, with the device's
// reasons.
Status legalise(Graph& graph, const Target& target, CompileReport& report);

}  // namespace rlx
