// One line per inference test: what an op gives for input types written as text.
#pragma once

#include <rlx/graph.hpp>

#include <string>
#include <vector>

namespace tests {

// "f32[2, n]": n becomes a symbol of the graph; "-" is an absent input.
rlx::ValueId add_input(rlx::Graph& graph, const std::string& type);

// The output types of the node, "f32[2, 4]; i64[2, 4]", or the error's message.
std::string inferred(std::string_view op, const std::vector<std::string>& inputs, rlx::Attrs attrs = {},
                     size_t outputs = 0);

// The node's attribute after normalisation, as text: "1", "[0, 2]", "0.5"; or the error's message.
std::string normalised(std::string_view attr, std::string_view op, const std::vector<std::string>& inputs,
                       rlx::Attrs attrs = {});

using Ints = std::vector<int64_t>;

inline rlx::Attrs::Entry attr(const char* name, int value) {
  return {name, int64_t{value}};
}
inline rlx::Attrs::Entry attr(const char* name, int64_t value) {
  return {name, value};
}
inline rlx::Attrs::Entry attr(const char* name, double value) {
  return {name, value};
}
inline rlx::Attrs::Entry attr(const char* name, const char* value) {
  return {name, std::string(value)};
}
inline rlx::Attrs::Entry attr(const char* name, rlx::DType value) {
  return {name, value};
}
inline rlx::Attrs::Entry attr(const char* name, Ints value) {
  return {name, std::move(value)};
}

}  // namespace tests
