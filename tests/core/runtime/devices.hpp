// The reference device and sessions on it, for tests of the runtime.
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

}  // namespace tests
