// Lowering: a graph with static shapes becomes a program. What only renames bytes becomes a view, outputs get memory of
// their own, nodes get the order in which they run.
#pragma once

#include "program/program.hpp"

#include <rlx/graph.hpp>

#include <vector>

namespace rlx {

struct Lowered {
  Program program;
  // Of each node of region 0: the graph's node; kNoNode for copies that lowering put in.
  std::vector<NodeId> sources;
};

// Keeps the guarantees that rlx/program.h lists, given a graph that passes verify(). The program has no memory plan yet
// (default_plan.hpp). Errors: INVALID_ARGUMENT for dims that are not static, sizes beyond 2^62 bytes, cycles and a
// state that is written twice; UNIMPLEMENTED for regions that hold parameters or states.
Result<Lowered> lower(const Graph& graph);

}  // namespace rlx
