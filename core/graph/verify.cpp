// The graph's invariants, checked as a whole: what passes may have broken and add() cannot see.
#include <rlx/graph.hpp>

#include "status/format.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace rlx {
namespace {

template <typename... Args>
tl::unexpected<Error> bad(const Graph& graph, NodeId id, fmt::format_string<Args...> format, Args&&... args) {
  const Node& node = graph.node(id);
  const std::string where = fmt::format("graph '{}': {} '{}' (node {})", graph.name(), node.op(), node.name, id);
  return with_context(fail_text(Code::kInvalidArgument, format, fmt::make_format_args(args...)).value(), where);
}

bool exists(const Graph& graph, ValueId value) {
  return value < graph.value_count() && !graph.producer(value).erased();
}

Status check_links(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId input = node.inputs[i];
    if (input == kNoValue) continue;
    if (!exists(graph, input)) return bad(graph, id, "input {} is value {}, which does not exist", i, input);
    const auto& uses = graph.value(input).uses;
    if (std::count(uses.begin(), uses.end(), Use{id, static_cast<uint32_t>(i)}) != 1)
      return bad(graph, id, "input {} is not in the use list of value {}", i, input);
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const ValueId output = node.outputs[i];
    if (output >= graph.value_count()) return bad(graph, id, "output {} is value {}, which does not exist", i, output);
    const Value& value = graph.value(output);
    if (value.producer != id || value.index != i) return bad(graph, id, "value {} names another producer", output);
    for (const Use& use : value.uses) {
      const bool real = use.node < graph.node_count() && !graph.node(use.node).erased() &&
                        use.input < graph.node(use.node).inputs.size() &&
                        graph.node(use.node).inputs[use.input] == output;
      if (!real) return bad(graph, id, "value {} lists a use by node {} that is none", output, use.node);
    }
  }
  return {};
}

// Inference over the node as it stands gives the types and attributes that it has.
Status check_types(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.schema->flags & kOpLeaf && !node.is("constant")) return {};
  std::vector<const TensorType*> types;
  for (const ValueId input : node.inputs) types.push_back(input == kNoValue ? nullptr : &graph.type(input));
  Attrs attrs = node.attrs;
  InferContext context{*node.schema, graph, node.inputs, types, node.regions, node.outputs.size(), attrs};
  auto inferred = node.schema->infer(context);
  if (!inferred) return bad(graph, id, "{}", inferred.error().message);
  if (inferred->size() != node.outputs.size())
    return bad(graph, id, "has {} outputs, inference gives {}", node.outputs.size(), inferred->size());
  for (size_t i = 0; i < inferred->size(); ++i) {
    const TensorType& has = graph.type(node.outputs[i]);
    if (has != (*inferred)[i])
      return bad(graph, id, "output {} has type {}, inference gives {}", i, to_string(has, graph.symbols()),
                 to_string((*inferred)[i], graph.symbols()));
  }
  if (!(attrs == node.attrs)) return bad(graph, id, "attributes are not in their normal form");
  return {};
}

Status check_interface(const Graph& graph) {
  std::set<std::pair<std::string_view, std::string_view>> names;
  std::set<ValueId> written;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (node.erased()) continue;
    if (node.schema->flags & kOpLeaf && !node.is("constant") &&
        !names.emplace(node.op(), node.attrs.str("name")).second)
      return bad(graph, id, "there is another {} of that name", node.op());
    if (!node.is("state_write")) continue;
    if (!graph.producer(node.inputs[0]).is("state")) return bad(graph, id, "input 0 is not a state");
    if (!written.insert(node.inputs[0]).second) return bad(graph, id, "its state is written twice");
  }
  for (const GraphOutput& output : graph.outputs()) {
    if (!exists(graph, output.value))
      return fail(Code::kInvalidArgument, "graph '{}': output '{}' is value {}, which does not exist", graph.name(),
                  output.name, output.value);
    if (!names.emplace("output", output.name).second)
      return fail(Code::kInvalidArgument, "graph '{}': two outputs named '{}'", graph.name(), output.name);
  }
  for (const ValueId input : graph.inputs())
    if (!exists(graph, input) || !graph.producer(input).is("input"))
      return fail(Code::kInvalidArgument, "graph '{}': value {} is listed as an input", graph.name(), input);
  return {};
}

}  // namespace

Status verify(const Graph& graph) {
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (graph.node(id).erased()) continue;
    RLX_TRY(check_links(graph, id));
  }
  RLX_TRY(check_interface(graph));
  RLX_TRY(graph.order());
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    if (graph.node(id).erased()) continue;
    RLX_TRY(check_types(graph, id));
    for (const Graph& region : graph.node(id).regions) RLX_TRY(verify(region));
  }
  return {};
}

}  // namespace rlx
