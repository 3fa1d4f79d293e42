// Op schemas: the one definition of each op's inputs, attributes, shape inference and decomposition.
// The list is core/ops/table.cpp; the meaning of each op is docs/ops.md.
#pragma once

#include <rlx/attribute.hpp>

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace rlx {

class Graph;
struct Node;
struct OpSchema;
using ValueId = uint32_t;
using NodeId = uint32_t;
inline constexpr ValueId kNoValue = UINT32_MAX;
inline constexpr NodeId kNoNode = UINT32_MAX;

struct AttrSpec {
  std::string_view name;
  AttrType type;
  std::optional<AttrValue> fallback;           // absent: the attribute is required (or filled by normalise)
  std::vector<std::string_view> choices = {};  // for strings: the allowed values; empty = any
};

// What inference and normalisation see of a node that is being added. An absent optional input has type null.
struct InferContext {
  const OpSchema& schema;  // of the op being added; its name begins every error
  const Graph& graph;
  std::span<const ValueId> inputs;           // kNoValue where absent
  std::span<const TensorType* const> types;  // null where absent
  std::span<const Graph> regions;
  size_t output_count;  // what the caller asks for; 0 = the op's default
  Attrs& attrs;         // defaults filled in; inference stores axes non-negative here

  size_t input_count() const { return inputs.size(); }
  bool has(size_t i) const { return i < types.size() && types[i] != nullptr; }
  const TensorType& type(size_t i) const { return *types[i]; }
  const Shape& shape(size_t i) const { return types[i]->shape; }
  DType dtype(size_t i) const { return types[i]->dtype; }
};

enum : uint32_t {
  kOpLeaf = 1,         // input, param, constant, state
  kOpSideEffect = 2,   // state_write, collectives: never removed, never merged
  kOpRandom = 4,       // never merged or folded
  kOpElementwise = 8,  // may become a step of fused_elementwise
  kOpShapeOnly = 16,   // same bytes in the same order: reshape
  kOpCollective = 32,  // all ranks of a group take part, each in the same order
};

struct OpSchema {
  std::string_view name;
  uint32_t flags = 0;
  uint8_t min_inputs = 0;
  uint8_t max_inputs = 0;       // 255 = any number
  uint8_t required_inputs = 0;  // the first n may not be kNoValue
  uint8_t min_outputs = 1;
  uint8_t max_outputs = 1;
  std::vector<AttrSpec> attrs = {};
  // Checks inputs and attributes, normalises attributes, returns the output types (min_outputs..max_outputs of them).
  // Errors begin with the op's name. Symbolic and unknown dims propagate.
  Result<std::vector<TensorType>> (*infer)(InferContext& context) = nullptr;
  // Builds the same result from smaller ops in the same graph; null when the op is a primitive. Shapes are static when
  // called. Returns one value per output.
  Result<std::vector<ValueId>> (*decompose)(Graph& graph, const Node& node) = nullptr;
};

// Null for a name that is no op.
RLX_API const OpSchema* find_op(std::string_view name);
// All schemas, sorted by name.
RLX_API std::span<const OpSchema* const> all_ops();

}  // namespace rlx
