// Replaces symbols by numbers: rebuilds the graph node by node, so that every type is inferred anew.

#include <rlx/graph.hpp>

#include <algorithm>

#include "status/format.hpp"

namespace rlx {
namespace {

Result<TensorType> bound(const TensorType& type, const std::vector<std::string>& symbols, const Bindings& bindings,
                         std::string_view who) {
  TensorType out = type;
  for (size_t i = 0; i < out.shape.rank(); ++i) {
    const int64_t d = out.shape[i];
    if (is_static(d)) continue;
    if (!is_symbol(d)) return fail(Code::kInvalidArgument, "{}: dim {} is unknown and has no symbol", who, i);
    const auto it = bindings.find(symbols[symbol_index(d)]);
    if (it == bindings.end())
      return fail(Code::kInvalidArgument, "{}: the symbolic dim '{}' has no value", who, symbols[symbol_index(d)]);
    out.shape[i] = it->second;
  }
  if (auto s = Shape::make(out.shape.dims()); !s) return with_context(std::move(s).error(), who);
  return out;
}

Result<ValueId> copy_leaf(const Node& n, const TensorType& type, Graph& to) {
  const std::string& name = n.attrs.str("name");
  if (n.is("input")) return to.input(name, type);
  if (n.is("param")) return to.param(name, type);
  if (n.is("constant")) return to.constant(*n.attrs.literal("value"), n.name);
  const Literal* init = n.attrs.literal("init");
  return to.state(name, type, init ? std::optional<Literal>(*init) : std::nullopt);
}

}  // namespace

Result<Graph> bind(const Graph& graph, const Bindings& bindings) {
  for (const auto& [name, value] : bindings) {
    if (std::find(graph.symbols().begin(), graph.symbols().end(), name) == graph.symbols().end())
      return fail(Code::kNotFound, "the graph has no symbolic dim '{}'", name);
    if (value < 0) return fail(Code::kInvalidArgument, "symbolic dim '{}' = {} is negative", name, value);
  }
  RLX_ASSIGN(std::vector<NodeId> order, graph.order());
  Graph out(graph.name());
  std::vector<ValueId> map(graph.value_count(), kNoValue);
  for (ValueId v : graph.inputs()) {
    // In their own order first: inputs are positional.
    const Node& n = graph.producer(v);
    RLX_ASSIGN(TensorType type, bound(graph.type(v), graph.symbols(), bindings, "input '" + n.attrs.str("name") + "'"));
    RLX_ASSIGN(map[v], out.input(n.attrs.str("name"), type));
  }
  for (NodeId id : order) {
    const Node& n = graph.node(id);
    if (n.is("input")) continue;
    if (n.schema->flags & kOpLeaf) {
      const ValueId v = n.outputs[0];
      RLX_ASSIGN(TensorType type, bound(graph.type(v), graph.symbols(), bindings, n.attrs.str("name")));
      RLX_ASSIGN(map[v], copy_leaf(n, type, out));
      continue;
    }
    std::vector<ValueId> inputs;
    for (ValueId v : n.inputs) inputs.push_back(v == kNoValue ? kNoValue : map[v]);
    RLX_ASSIGN(NodeId copy, out.add_node(n.op(), inputs, n.attrs, n.name, n.outputs.size(), n.regions));
    for (size_t i = 0; i < n.outputs.size(); ++i) {
      map[n.outputs[i]] = out.node(copy).outputs[i];
      out.set_value_name(map[n.outputs[i]], graph.value(n.outputs[i]).name);
    }
  }
  for (const GraphOutput& o : graph.outputs()) RLX_TRY(out.add_output(o.name, map[o.value]));
  return out;
}

}  // namespace rlx
