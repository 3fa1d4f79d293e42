// A device as the compiler sees it.
#pragma once

#include "compile/compiler.hpp"
#include "plugin/device.hpp"

#include <rlx/session.hpp>

namespace rlx {

// The callbacks borrow the device, which lives until the process ends.
Target make_target(const Device& device, Evaluator evaluate);

// A small graph with one node of a fused op, to ask a device whether it has a kernel for the op. Errors: NOT_FOUND for
// an op that no fusion makes.
Result<Graph> probe_graph(std::string_view op);

}  // namespace rlx
