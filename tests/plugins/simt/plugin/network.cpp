#include "plugin/network.hpp"

namespace tests {

Network::Network() {
  x = program.input({kF32, {2, 3}}, "x");
  w = program.param({kF32, {3, 4}}, "w");
  product = program.temporary({kF32, {2, 4}});
  y = program.output({kF32, {2, 4}}, "y");
  total = program.state({kF32, {2, 3}}, "total", f32({2, 3}, {1, 2, 3, 4, 5, 6}));
  sum = program.output({kF32, {2, 3}}, "sum");
  program.node("matmul", {{"trans_a", 0}, {"trans_b", 0}}, {x, w}, {product});
  program.node("softmax", {{"axis", 1}}, {product}, {y});
  program.node("binary", {{"kind", "add"}}, {x, total}, {sum});
}

LoadedNetwork::LoadedNetwork(rlx_device* device) : runner_(network_.program, device) {
  runner_.set_param("w", f32({3, 4}, std::vector<double>(12, 0.5)));
  runner_.finalize();
  runner_.write(network_.x, f32({2, 3}, {1, 1, 1, 1, 1, 1}));
}

void LoadedNetwork::run() {
  runner_.run();
  expect_results();
}

void LoadedNetwork::expect_results() {
  require_close(runner_.read(network_.y), std::vector<double>(8, 0.25), 1e-6);
  require_close(runner_.read(network_.sum), {2, 3, 4, 5, 6, 7}, 0);
}

void whole_life(rlx_device* device) {
  LoadedNetwork network(device);
  for (int i = 0; i < 3; ++i) network.run();
}

}  // namespace tests
