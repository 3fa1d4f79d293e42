// Counts the work of a graph before anything runs: multiply-adds and the bytes that must move at least.
#pragma once

#include <rlx/graph.hpp>

namespace rlx::tools {

struct Work {
  double flops = 0;         // 2 per multiply-add of matmul, linear, conv, attention; other ops are not counted
  double weight_bytes = 0;  // constants and parameters, read once per run
  double io_bytes = 0;      // inputs and outputs
};

// The graph must be static.
Work count_work(const Graph& graph);

}  // namespace rlx::tools
