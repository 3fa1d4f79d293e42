// A copy of a graph with numbers for its symbols. All types are inferred anew, so that attributes which inference
// resolves (reshape's -1, for one) become static with the shapes.
#include <rlx/graph.hpp>

#include "status/format.hpp"

namespace rlx {
namespace {

Result<Shape> bound_shape(const Graph& graph, const Shape& shape, const Bindings& bindings) {
  std::vector<int64_t> dims(shape.begin(), shape.end());
  for (int64_t& d : dims)
    if (is_symbol(d)) d = bindings.find(graph.symbols()[symbol_index(d)])->second;
  return Shape::make(dims);
}

Result<ValueId> add_leaf(Graph& out, const Node& node, const TensorType& type) {
  const std::string& name = node.attrs.str("name");
  if (node.is("input")) return out.input(name, type);
  if (node.is("param")) return out.param(name, type);
  if (!node.is("state")) return out.add(node.op(), {}, node.attrs);
  std::optional<Literal> init;
  if (const Literal* value = node.attrs.literal("init")) init = *value;
  return out.state(name, type, std::move(init));
}

// Each symbol of the graph has a value that can be a dim.
Status check_bindings(const Graph& graph, const Bindings& bindings) {
  for (const std::string& symbol : graph.symbols()) {
    const auto at = bindings.find(symbol);
    if (at == bindings.end()) return fail(Code::kInvalidArgument, "bind: symbol {} has no value", symbol);
    if (at->second < 0) return fail(Code::kInvalidArgument, "bind: symbol {} is {}", symbol, at->second);
  }
  return {};
}

Result<Graph> bind_known(const Graph& graph, const Bindings& bindings) {
  RLX_TRY(check_bindings(graph, bindings));
  RLX_ASSIGN(const std::vector<NodeId> order, graph.order());
  Graph out(graph.name());
  std::vector<ValueId> bound(graph.value_count(), kNoValue);
  for (const NodeId id : order) {
    const Node& node = graph.node(id);
    if (node.schema->flags & kOpLeaf) {
      const TensorType& type = graph.type(node.outputs[0]);
      RLX_ASSIGN(const Shape shape, bound_shape(graph, type.shape, bindings));
      RLX_ASSIGN(bound[node.outputs[0]], add_leaf(out, node, {type.dtype, shape}));
    } else {
      std::vector<ValueId> inputs;
      for (const ValueId input : node.inputs) inputs.push_back(input == kNoValue ? kNoValue : bound[input]);
      std::vector<Graph> regions;
      for (const Graph& region : node.regions) {
        RLX_ASSIGN(regions.emplace_back(), bind_known(region, bindings));
      }
      auto added = out.add_node(node.op(), inputs, node.attrs, node.name, node.outputs.size(), std::move(regions));
      if (!added) return with_context(std::move(added).error(), fmt::format("bind: node '{}'", node.name));
      for (size_t i = 0; i < node.outputs.size(); ++i) bound[node.outputs[i]] = out.node(*added).outputs[i];
    }
    for (const ValueId value : node.outputs) {
      out.set_node_name(out.value(bound[value]).producer, node.name);
      out.set_value_name(bound[value], graph.value(value).name);
    }
  }
  for (const GraphOutput& output : graph.outputs()) RLX_TRY(out.add_output(output.name, bound[output.value]));
  return out;
}

}  // namespace

Result<Graph> bind(const Graph& graph, const Bindings& bindings) {
  for (const auto& [name, value] : bindings) {
    bool known = false;
    for (const std::string& symbol : graph.symbols()) known = known || symbol == name;
    if (!known) return fail(Code::kNotFound, "bind: the graph has no symbol {}", name);
  }
  return bind_known(graph, bindings);
}

}  // namespace rlx
