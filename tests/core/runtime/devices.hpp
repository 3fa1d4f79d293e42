// Sessions on the reference device, and short ways to make graphs and tensors for tests of the runtime.
#pragma once

#include "catch.hpp"

#include <rlx/rlx.hpp>

#include <string>
#include <vector>

namespace tests {

// The value of a Result; fails the test with the error's text when there is none.
template <typename T>
T need(rlx::Result<T> result) {
  INFO((result ? std::string() : result.error().text()));
  REQUIRE(result);
  return std::move(*result);
}

inline void need(const rlx::Status& status) {
  INFO((status ? std::string() : status.error().text()));
  REQUIRE(status);
}

// "OK", or the error as text.
template <typename T>
std::string text_of(const rlx::Result<T>& result) {
  return result ? "OK" : result.error().text();
}

// One registry for all tests; the plugins are those of this build (RLX_PLUGIN_PATH).
inline std::shared_ptr<rlx::Registry> registry() {
  static const std::shared_ptr<rlx::Registry> shared = need(rlx::Registry::create());
  return shared;
}

inline rlx::Session session(rlx::Graph graph, rlx::SessionOptions options = {}) {
  if (options.device.empty()) options.device = "ref";
  return need(rlx::Session::create(registry(), std::move(graph), std::move(options)));
}

inline rlx::Tensor f32(const rlx::Shape& shape, const std::vector<float>& values) {
  return need(rlx::Tensor::of<float>(rlx::DType::kF32, shape, values));
}

inline std::vector<float> floats(const rlx::Tensor& t) {
  REQUIRE(t.dtype() == rlx::DType::kF32);
  const auto v = t.as<float>();
  return {v.begin(), v.end()};
}

// y = a + b
inline rlx::Graph add_graph(const rlx::Shape& shape) {
  rlx::Graph g("add");
  const rlx::ValueId a = need(g.input("a", {rlx::DType::kF32, shape}));
  const rlx::ValueId b = need(g.input("b", {rlx::DType::kF32, shape}));
  need(g.add_output("y", need(g.add("binary", {a, b}, {{"kind", std::string("add")}}))));
  return g;
}

// y = -x
inline rlx::Graph neg_graph(const rlx::Shape& shape) {
  rlx::Graph g("neg");
  const rlx::ValueId x = need(g.input("x", {rlx::DType::kF32, shape}));
  need(g.add_output("y", need(g.add("unary", {x}, {{"kind", std::string("neg")}}))));
  return g;
}

// total += x; y is the new total
inline rlx::Graph sum_graph(const rlx::Shape& shape) {
  rlx::Graph g("sum");
  const rlx::ValueId x = need(g.input("x", {rlx::DType::kF32, shape}));
  const rlx::ValueId total = need(g.state("total", {rlx::DType::kF32, shape}));
  const rlx::ValueId sum = need(g.add("binary", {total, x}, {{"kind", std::string("add")}}));
  need(g.add("state_write", {total, sum}));
  need(g.add_output("y", sum));
  return g;
}

}  // namespace tests
