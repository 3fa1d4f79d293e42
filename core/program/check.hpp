// Checks programs that did not come from lower(): everything that rlx/program.h promises to plugins.
#pragma once

#include "program/program.hpp"

#include <rlx/status.hpp>

namespace rlx {

// Only that indices of the interface lie in range, so that finish() can name the ports.
Status check_indices(ProgramBuilder& builder);

// Tensors, views, plan, order of nodes, interface, and every node against its op's schema and inference.
// Errors: INVALID_ARGUMENT naming the tensor or node.
Status check_program(const Program& program);

// Where tensors of the main region lie in the arena. Only for programs that pass check_program().
Status check_plan(const Program& program);

}  // namespace rlx
