// The schema's rules, applied to one node.

#include "graph/check.hpp"

#include <algorithm>

#include "status/format.hpp"

namespace rlx {
namespace {

constexpr std::string_view kTypeNames[] = {"int", "ints", "float", "floats", "string", "dtype", "literal"};

Status check_arity(const Graph& graph, const OpSchema& s, std::span<const ValueId> inputs, size_t outputs) {
  if (inputs.size() < s.min_inputs || (s.max_inputs != 255 && inputs.size() > s.max_inputs))
    return fail(Code::kInvalidArgument, "{}: takes {} to {} inputs, got {}", s.name, s.min_inputs, s.max_inputs,
                inputs.size());
  if (outputs != 0 && (outputs < s.min_outputs || outputs > s.max_outputs))
    return fail(Code::kInvalidArgument, "{}: has {} to {} outputs, asked for {}", s.name, s.min_outputs, s.max_outputs,
                outputs);
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i] == kNoValue) {
      if (i < s.required_inputs) return fail(Code::kInvalidArgument, "{}: input {} is required", s.name, i);
    } else if (inputs[i] >= graph.value_count()) {
      return fail(Code::kOutOfRange, "{}: input {} is value {}, the graph has {}", s.name, i, inputs[i],
                  graph.value_count());
    } else if (graph.producer(inputs[i]).erased()) {
      return fail(Code::kInvalidArgument, "{}: input {} was erased", s.name, i);
    }
  }
  return {};
}

Status check_attributes(const OpSchema& s, Attrs& attrs) {
  for (const auto& [name, value] : attrs.entries()) {
    const auto spec = std::find_if(s.attrs.begin(), s.attrs.end(), [&](const AttrSpec& a) { return a.name == name; });
    if (spec == s.attrs.end()) return fail(Code::kInvalidArgument, "{}: has no attribute '{}'", s.name, name);
    if (type_of(value) != spec->type)
      return fail(Code::kInvalidArgument, "{}: attribute '{}' is a {}, got a {}", s.name, name,
                  kTypeNames[static_cast<size_t>(spec->type)], kTypeNames[value.index()]);
    const std::string* text = std::get_if<std::string>(&value);
    if (text != nullptr && !spec->choices.empty() &&
        std::find(spec->choices.begin(), spec->choices.end(), *text) == spec->choices.end())
      return fail(Code::kInvalidArgument, "{}: {} '{}' is none of {}", s.name, name, *text,
                  fmt::join(spec->choices, ", "));
  }
  for (const AttrSpec& spec : s.attrs) {
    if (spec.fallback && !attrs.has(spec.name)) attrs.set(spec.name, *spec.fallback);
  }
  return {};
}

}  // namespace

Result<std::vector<TensorType>> check_node(const Graph& graph, const OpSchema& schema, std::span<const ValueId> inputs,
                                           Attrs& attrs, std::span<const Graph> regions, size_t output_count,
                                           std::string_view name) {
  auto check = [&]() -> Result<std::vector<TensorType>> {
    RLX_TRY(check_arity(graph, schema, inputs, output_count));
    RLX_TRY(check_attributes(schema, attrs));
    std::vector<const TensorType*> types;
    for (ValueId v : inputs) types.push_back(v == kNoValue ? nullptr : &graph.type(v));
    InferContext context{schema, graph, inputs, types, regions, output_count, attrs};
    RLX_ASSIGN(std::vector<TensorType> out, schema.infer(context));
    for (const TensorType& t : out) {
      if (auto shape = Shape::make(t.shape.dims()); !shape)
        return with_context(std::move(shape).error(), std::string(schema.name));
    }
    return out;
  };
  auto result = check();
  if (!result && !name.empty()) {
    Error e = std::move(result).error();
    e.message = fmt::format("{} (node '{}')", e.message, name);
    return tl::unexpected<Error>(std::move(e));
  }
  return result;
}

}  // namespace rlx
