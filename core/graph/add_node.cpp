// Adding a node: everything that the op's schema says about inputs, attributes and outputs is checked here, so that a
// node in a graph is always well-formed. Regions are checked by the op's own inference.
#include <rlx/graph.hpp>

#include "status/format.hpp"

#include <algorithm>

namespace rlx {
namespace {

constexpr uint8_t kAnyNumber = 255;

constexpr std::string_view name_of(AttrType type) {
  constexpr std::string_view kNames[] = {"an int",   "a list of ints", "a float",  "a list of floats",
                                         "a string", "a dtype",        "a literal"};
  return kNames[static_cast<size_t>(type)];
}

std::string range_text(size_t low, size_t high) {
  if (low == high) return std::to_string(low);
  if (high == kAnyNumber) return "at least " + std::to_string(low);
  return fmt::format("{} to {}", low, high);
}

// INVALID_ARGUMENT with the op's name in front.
template <typename... Args>
tl::unexpected<Error> bad(const OpSchema& schema, fmt::format_string<Args...> format, Args&&... args) {
  return with_context(fail_text(Code::kInvalidArgument, format, fmt::make_format_args(args...)).value(), schema.name);
}

Status check_inputs(const Graph& graph, const OpSchema& schema, std::span<const ValueId> inputs) {
  if (inputs.size() < schema.min_inputs || (schema.max_inputs != kAnyNumber && inputs.size() > schema.max_inputs))
    return bad(schema, "{} inputs, needs {}", inputs.size(), range_text(schema.min_inputs, schema.max_inputs));
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == kNoValue) {
      if (i < schema.required_inputs) return bad(schema, "input {} is missing", i);
      continue;
    }
    if (inputs[i] >= graph.value_count() || graph.producer(inputs[i]).erased())
      return bad(schema, "input {} is value {}, which does not exist", i, inputs[i]);
  }
  return {};
}

Status check_choice(const OpSchema& schema, const AttrSpec& spec, const AttrValue& value) {
  if (spec.choices.empty()) return {};
  const std::string& text = std::get<std::string>(value);
  if (std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end()) return {};
  std::string choices;
  for (const std::string_view choice : spec.choices) choices.append(choices.empty() ? "" : ", ").append(choice);
  return bad(schema, "attribute {} is '{}', needs one of {}", spec.name, text, choices);
}

// Attributes that the caller gave: known, of the right type, one of the choices.
Status check_given(const OpSchema& schema, Attrs& attrs) {
  const Attrs given = attrs;
  for (const auto& [name, value] : given.entries()) {
    const auto spec = std::find_if(schema.attrs.begin(), schema.attrs.end(),
                                   [&name = name](const AttrSpec& s) { return s.name == name; });
    if (spec == schema.attrs.end()) return bad(schema, "unknown attribute {}", name);
    if (type_of(value) == AttrType::kInt && spec->type == AttrType::kFloat) {
      attrs.set(name, static_cast<double>(std::get<int64_t>(value)));
      continue;
    }
    if (type_of(value) != spec->type)
      return bad(schema, "attribute {} is {}, needs {}", name, name_of(type_of(value)), name_of(spec->type));
    if (spec->type == AttrType::kString) RLX_TRY(check_choice(schema, *spec, value));
  }
  return {};
}

Status fill_defaults(const OpSchema& schema, Attrs& attrs) {
  for (const AttrSpec& spec : schema.attrs) {
    if (attrs.has(spec.name)) continue;
    if (spec.fallback) {
      attrs.set(spec.name, *spec.fallback);
    } else if (!spec.choices.empty()) {
      // No inference fills a choice, and all of them rely on it.
      return bad(schema, "attribute {} is missing", spec.name);
    }
  }
  return {};
}

Status check_complete(const OpSchema& schema, const Attrs& attrs) {
  for (const AttrSpec& spec : schema.attrs)
    if (!attrs.has(spec.name)) return bad(schema, "attribute {} is missing", spec.name);
  return {};
}

Status check_outputs(const OpSchema& schema, size_t wanted, std::span<const TensorType> types) {
  if (types.size() < schema.min_outputs || types.size() > schema.max_outputs || (wanted && types.size() != wanted))
    return bad(schema, "has {} outputs, needs {}", types.size(),
               wanted ? range_text(wanted, wanted) : range_text(schema.min_outputs, schema.max_outputs));
  for (const TensorType& type : types) {
    auto shape = Shape::make(type.shape.dims());
    if (!shape) return with_context(std::move(shape).error(), schema.name);
  }
  return {};
}

// Completes attrs and returns the output types of a node that passes all checks.
Result<std::vector<TensorType>> checked_types(const Graph& graph, const OpSchema& schema,
                                              std::span<const ValueId> inputs, Attrs& attrs,
                                              std::span<const Graph> regions, size_t output_count) {
  RLX_TRY(check_inputs(graph, schema, inputs));
  if (output_count != 0 && (output_count < schema.min_outputs || output_count > schema.max_outputs))
    return bad(schema, "{} outputs, needs {}", output_count, range_text(schema.min_outputs, schema.max_outputs));
  RLX_TRY(check_given(schema, attrs));
  RLX_TRY(fill_defaults(schema, attrs));
  std::vector<const TensorType*> types(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) types[i] = inputs[i] == kNoValue ? nullptr : &graph.type(inputs[i]);
  InferContext context{schema, graph, inputs, types, regions, output_count, attrs};
  RLX_ASSIGN(std::vector<TensorType> outputs, schema.infer(context));
  RLX_TRY(check_complete(schema, attrs));
  RLX_TRY(check_outputs(schema, output_count, outputs));
  return outputs;
}

}  // namespace

Result<NodeId> Graph::add_node(std::string_view op, std::span<const ValueId> inputs, Attrs attrs, std::string_view name,
                               size_t output_count, std::vector<Graph> regions) {
  const OpSchema* schema = find_op(op);
  if (!schema) return fail(Code::kUnimplemented, "{}: there is no such op", op);
  // Absent inputs at the end say nothing; without them equal nodes look equal.
  while (inputs.size() > schema->min_inputs && inputs.back() == kNoValue) inputs = inputs.first(inputs.size() - 1);
  auto types = checked_types(*this, *schema, inputs, attrs, regions, output_count);
  if (!types) {
    Error e = std::move(types).error();
    if (!name.empty()) e.message += fmt::format(" (node '{}')", name);
    return tl::unexpected<Error>(std::move(e));
  }
  return append(schema, inputs, std::move(attrs), name, *types, std::move(regions));
}

Result<ValueId> Graph::add(std::string_view op, std::span<const ValueId> inputs, Attrs attrs, std::string_view name) {
  RLX_ASSIGN(const NodeId id, add_node(op, inputs, std::move(attrs), name, 1));
  return nodes_[id].outputs[0];
}

}  // namespace rlx
