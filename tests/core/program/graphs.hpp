// Short ways to build and lower graphs in tests.
#pragma once

#include "catch.hpp"
#include "program/lower.hpp"

#include <rlx/graph.hpp>

#include <string>
#include <vector>

namespace tests {

template <typename T>
T value_of(rlx::Result<T> result) {
  INFO((result ? std::string() : result.error().text()));
  REQUIRE(result);
  return std::move(*result);
}

inline rlx::TensorType f32(const rlx::Shape& shape) {
  return {rlx::DType::kF32, shape};
}

// A graph that fails the test when an op is refused.
class Builder {
 public:
  rlx::Graph graph{"test"};

  rlx::ValueId input(const char* name, const rlx::Shape& shape) { return value_of(graph.input(name, f32(shape))); }
  rlx::ValueId state(const char* name, const rlx::Shape& shape) { return value_of(graph.state(name, f32(shape))); }
  rlx::ValueId constant(const rlx::Shape& shape, const std::vector<float>& v) {
    return value_of(graph.constant(rlx::Literal::of<float>(rlx::DType::kF32, shape, std::span<const float>(v))));
  }
  rlx::ValueId op(const char* name, std::vector<rlx::ValueId> inputs, rlx::Attrs attrs = {}) {
    return value_of(graph.add(name, inputs, std::move(attrs)));
  }
  rlx::ValueId unary(const char* kind, rlx::ValueId x) { return op("unary", {x}, {{"kind", std::string(kind)}}); }
  rlx::ValueId add(rlx::ValueId a, rlx::ValueId b) { return op("binary", {a, b}, {{"kind", std::string("add")}}); }
  rlx::ValueId reshape(rlx::ValueId x, std::vector<int64_t> shape) { return op("reshape", {x}, {{"shape", shape}}); }
  rlx::ValueId narrow(rlx::ValueId x, int64_t axis, int64_t start, int64_t len) {
    return op("narrow", {x}, {{"axis", axis}, {"start", start}, {"len", len}});
  }
  void output(const char* name, rlx::ValueId v) { REQUIRE(graph.add_output(name, v)); }
  rlx::Program lower() { return value_of(rlx::lower(graph)).program; }
};

inline std::string_view text(rlx_str s) {
  return {s.data ? s.data : "", static_cast<size_t>(s.size)};
}

inline std::vector<std::string> ops_of(const rlx::Program& p) {
  std::vector<std::string> ops;
  for (const rlx_node& n : p.nodes()) ops.emplace_back(text(n.op));
  return ops;
}

inline uint32_t root_of(const rlx::Program& p, uint32_t tensor) {
  const uint32_t view_of = p.tensors()[tensor].view_of;
  return view_of == RLX_NO_INDEX ? tensor : view_of;
}

// Position of the first node with an op.
inline size_t position_of(const rlx::Program& p, std::string_view op) {
  for (size_t i = 0; i < p.nodes().size(); ++i)
    if (text(p.nodes()[i].op) == op) return i;
  return SIZE_MAX;
}

}  // namespace tests
