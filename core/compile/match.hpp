// Small questions that patterns ask of a graph.
#pragma once

#include <rlx/graph.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace rlx {

// The node that makes v when its op, and its kind when one is given, are these; else null. kNoValue gives null.
const Node* made_by(const Graph& g, ValueId v, std::string_view op, std::string_view kind = {});
// One use and no graph output: the value vanishes when its user is rewritten.
bool sole_use(const Graph& g, ValueId v);
// The only user of v; null unless sole_use.
const Node* sole_user(const Graph& g, ValueId v);
// The number a constant holds in every element (one element, or all equal and at most 4096 of them), as double.
std::optional<double> splat(const Graph& g, ValueId v);
// |a - b| within what f32 constants in files carry.
bool near(double a, double b);
// A constant or parameter: its bytes are known before the first run.
bool is_weight(const Graph& g, ValueId v);
// The operand of a two-input node that is not v; kNoValue when both are v or none is.
ValueId other_operand(const Node& n, ValueId v);

// A product flattened over nested `mul` (and `div` by a scalar): scalar * factors. Nested products count only when
// nothing else uses them.
struct Product {
  double scalar = 1;
  std::vector<ValueId> factors;
};
Product flatten_product(const Graph& g, ValueId v);

// A unary node that the fused ops know as an activation.
bool is_activation(const Node& n);
// Writes activation, alpha and beta.
void copy_activation(const Node& n, Attrs& attrs);

// Axes of a reduction are the last ones, starting where? nullopt when they are not a suffix.
std::optional<int64_t> suffix_axis(const std::vector<int64_t>& axes, size_t rank);

}  // namespace rlx
