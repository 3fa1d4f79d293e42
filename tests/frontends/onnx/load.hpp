// Loading what the tests build, and the one question they ask of a bad model: does the one-line error name everything?
#pragma once

#include "core/runtime/devices.hpp"
#include "frontends/onnx/model_bytes.hpp"

#include <rlx/onnx.hpp>

namespace tests::onnx {

// The whole way of a model to an executable on the reference device.
inline rlx::Result<rlx::Executable> load(const std::string& bytes, const rlx::Bindings& bindings = {},
                                         const std::string& directory = {}) {
  RLX_ASSIGN(const rlx::onnx::Model model, rlx::onnx::Model::parse(bytes, directory));
  rlx::SessionOptions options;
  options.device = "ref";
  options.bindings = bindings;
  RLX_ASSIGN(rlx::Session session, rlx::Session::create(registry(), model.source(registry()), options));
  return session.executable(bindings);
}

// The error's text; empty when there was none. A second line fails the test: logs and terminals show one.
template <typename T>
std::string error_of(const rlx::Result<T>& result) {
  if (result) return {};
  const std::string text = result.error().text();
  CHECK(text.find('\n') == std::string::npos);
  return text;
}
inline std::string error_of(const ModelBytes& model, const rlx::Bindings& bindings = {}) {
  return error_of(load(model.bytes(), bindings));
}

}  // namespace tests::onnx
