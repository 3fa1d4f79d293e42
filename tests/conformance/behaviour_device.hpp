// What the behaviour tests share: the devices under test and a context for a graph.
#pragma once

#include "catch.hpp"
#include "options.hpp"

#include <rlx/rlx.hpp>

#include <memory>

namespace conformance {

inline const std::shared_ptr<rlx::Registry>& registry() {
  static const std::shared_ptr<rlx::Registry> found = rlx::Registry::create().value();
  return found;
}

// All devices, or the one that --device names. Skips the test when there is none.
inline std::vector<rlx::Device> devices() {
  std::vector<rlx::Device> chosen;
  for (const rlx::Device& device : registry()->devices())
    if (tests::device_filter().empty() || device.id() == tests::device_filter()) chosen.push_back(device);
  if (chosen.empty()) RLX_SKIP("no device found");
  return chosen;
}

// The value, or a failed test with the error's text.
template <typename T>
T take(rlx::Result<T> result) {
  if (!result) FAIL(result.error().text());
  return std::move(*result);
}
inline void take(const rlx::Status& status) {
  if (!status) FAIL(status.error().text());
}

// Compiles a graph that the device must support.
inline rlx::Executable compile(const rlx::Device& device, rlx::Graph graph) {
  rlx::SessionOptions options;
  options.device = device.id();
  options.fallback = "";
  rlx::Session session = take(rlx::Session::create(registry(), std::move(graph), options));
  return take(session.executable());
}

inline rlx::Tensor floats(rlx::Shape shape, const std::vector<float>& values) {
  return take(rlx::Tensor::of<float>(rlx::DType::kF32, shape, values));
}
inline rlx::Tensor int64s(rlx::Shape shape, const std::vector<int64_t>& values) {
  return take(rlx::Tensor::of<int64_t>(rlx::DType::kI64, shape, values));
}
inline std::vector<float> to_floats(const rlx::Tensor& tensor) {
  const auto values = tensor.as<float>();
  return {values.begin(), values.end()};
}

}  // namespace conformance
