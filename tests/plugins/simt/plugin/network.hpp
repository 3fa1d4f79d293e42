// A program with everything that a run can need: matrices, rows, moves, a parameter, a state and a graph.
#pragma once

#include "plugins/host/node_runner.hpp"

namespace tests {

// y = softmax(x · w), sum = x + total.
struct Network {
  Program program;
  uint32_t x, w, total, product, y, sum;
  Network();
};

// A network that is compiled for a device and has its inputs.
class LoadedNetwork {
 public:
  explicit LoadedNetwork(rlx_device* device);
  // What the plugin says of a run; NULL when it ran.
  rlx_status* try_run() { return plugin().executable->run(runner_.context()); }
  // Runs and looks at the results. Throws Failure.
  void run();
  void expect_results();
  Runner& runner() { return runner_; }

 private:
  Network network_;
  Runner runner_;
};

// Compiles, runs three times (plainly, captured, replayed) and frees everything.
void whole_life(rlx_device* device = plugin().device);

}  // namespace tests
