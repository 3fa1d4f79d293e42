// Which device runs which node.
#pragma once

#include "compile/claims.hpp"

namespace rlx {

// Each node goes to the first device that runs it. A large state pulls the nodes that write or read it together where
// one device runs them all; else its value is carried to the readers in each run. Adds to report.ops what runs
// where. UNIMPLEMENTED lists every node that no device can run.
Result<std::vector<uint32_t>> assign_devices(const Graph& graph, Claims& claims, CompileReport& report);

}  // namespace rlx
