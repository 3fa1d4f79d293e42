// Storage and rewriting of graphs. Nodes and values are only ever appended; erasing leaves a hole, so ids stay valid.

#include <rlx/graph.hpp>

#include <algorithm>

#include "graph/check.hpp"
#include "status/format.hpp"

namespace rlx {

Graph::Graph(const Graph&) = default;
Graph& Graph::operator=(const Graph&) = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

int64_t Graph::symbol(std::string_view name) {
  auto it = std::find(symbols_.begin(), symbols_.end(), name);
  if (it == symbols_.end()) it = symbols_.insert(symbols_.end(), std::string(name));
  return symbol_dim(static_cast<uint32_t>(it - symbols_.begin()));
}

Result<ValueId> Graph::leaf(std::string_view op, TensorType type, Attrs attrs, std::string_view name) {
  if (!is_valid(type.dtype)) return fail(Code::kInvalidArgument, "{} '{}': unknown dtype", op, name);
  if (auto shape = Shape::make(type.shape.dims()); !shape)
    return with_context(std::move(shape).error(), fmt::format("{} '{}'", op, name));
  for (int64_t d : type.shape) {
    if (is_symbol(d) && symbol_index(d) >= symbols_.size())
      return fail(Code::kInvalidArgument, "{} '{}': shape {} names a symbol the graph does not have", op, name,
                  to_string(type.shape));
  }
  if (op != "constant") {
    for (const Node& n : nodes_) {
      if (n.is(op) && n.attrs.str("name") == name)
        return fail(Code::kAlreadyExists, "{} '{}': the graph already has one of that name", op, name);
    }
  }
  const OpSchema* schema = find_op(op);
  if (schema == nullptr) return fail(Code::kInternal, "op '{}' is not in the table", op);
  const auto node_id = static_cast<NodeId>(nodes_.size());
  const auto value_id = static_cast<ValueId>(values_.size());
  Node node;
  node.schema = schema;
  node.name = std::string(name);
  node.outputs = {value_id};
  node.attrs = std::move(attrs);
  nodes_.push_back(std::move(node));
  values_.push_back({type, node_id, 0, std::string(name), {}});
  return value_id;
}

Result<ValueId> Graph::input(std::string_view name, TensorType type) {
  RLX_ASSIGN(ValueId id, leaf("input", type, {{"name", std::string(name)}}, name));
  inputs_.push_back(id);
  return id;
}

Result<ValueId> Graph::param(std::string_view name, TensorType type) {
  return leaf("param", type, {{"name", std::string(name)}}, name);
}

Result<ValueId> Graph::state(std::string_view name, TensorType type, std::optional<Literal> init) {
  Attrs attrs{{"name", std::string(name)}};
  if (init) {
    if (init->type != type)
      return fail(Code::kInvalidArgument, "state '{}': init is {}, the state {}", name, to_string(init->type),
                  to_string(type, symbols_));
    attrs.set("init", std::move(*init));
  }
  return leaf("state", type, std::move(attrs), name);
}

Result<ValueId> Graph::constant(Literal value, std::string_view name) {
  if (!value.type.shape.is_static() || static_cast<int64_t>(value.bytes.size()) != value.type.bytes())
    return fail(Code::kInvalidArgument, "constant '{}': {} bytes for {}", name, value.bytes.size(),
                to_string(value.type));
  const TensorType type = value.type;
  return leaf("constant", type, {{"value", std::move(value)}}, name);
}

Result<NodeId> Graph::add_node(std::string_view op, std::span<const ValueId> inputs, Attrs attrs, std::string_view name,
                               size_t output_count, std::vector<Graph> regions) {
  const OpSchema* schema = find_op(op);
  if (schema == nullptr) return fail(Code::kUnimplemented, "op '{}' does not exist", op);
  if (schema->flags & kOpLeaf)
    return fail(Code::kInvalidArgument, "{}: a leaf is added by input(), param(), state() or constant()", op);
  RLX_ASSIGN(std::vector<TensorType> types, check_node(*this, *schema, inputs, attrs, regions, output_count, name));
  const auto id = static_cast<NodeId>(nodes_.size());
  Node node;
  node.schema = schema;
  node.name = std::string(name);
  node.inputs.assign(inputs.begin(), inputs.end());
  node.attrs = std::move(attrs);
  node.regions = std::move(regions);
  for (uint32_t i = 0; i < types.size(); ++i) {
    node.outputs.push_back(static_cast<ValueId>(values_.size()));
    values_.push_back({types[i], id, i, {}, {}});
  }
  for (uint32_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != kNoValue) values_[node.inputs[i]].uses.push_back({id, i});
  }
  nodes_.push_back(std::move(node));
  return id;
}

Result<ValueId> Graph::add(std::string_view op, std::span<const ValueId> inputs, Attrs attrs, std::string_view name) {
  RLX_ASSIGN(NodeId id, add_node(op, inputs, std::move(attrs), name));
  return nodes_[id].outputs[0];
}

Status Graph::add_output(std::string_view name, ValueId value) {
  if (value >= values_.size()) return fail(Code::kOutOfRange, "output '{}': value {} does not exist", name, value);
  for (const GraphOutput& o : outputs_) {
    if (o.name == name) return fail(Code::kAlreadyExists, "output '{}': the graph already has one of that name", name);
  }
  outputs_.push_back({std::string(name), value});
  return {};
}

void Graph::clear_outputs() {
  outputs_.clear();
}

const Literal* Graph::literal(ValueId id) const {
  const Node& n = producer(id);
  return n.is("constant") ? n.attrs.literal("value") : nullptr;
}

bool Graph::is_output(ValueId id) const {
  return std::any_of(outputs_.begin(), outputs_.end(), [&](const GraphOutput& o) { return o.value == id; });
}

bool Graph::is_static() const {
  for (const Value& v : values_) {
    if (v.producer != kNoNode && !nodes_[v.producer].erased() && !v.type.shape.is_static()) return false;
  }
  return true;
}

void Graph::set_input(NodeId node, size_t index, ValueId value) {
  ValueId& slot = nodes_[node].inputs[index];
  const Use use{node, static_cast<uint32_t>(index)};
  if (slot != kNoValue) std::erase(values_[slot].uses, use);
  slot = value;
  if (value != kNoValue) values_[value].uses.push_back(use);
}

void Graph::replace_uses(ValueId from, ValueId to) {
  if (from == to) return;
  for (const Use& use : values_[from].uses) {
    nodes_[use.node].inputs[use.input] = to;
    values_[to].uses.push_back(use);
  }
  values_[from].uses.clear();
  for (GraphOutput& o : outputs_) {
    if (o.value == from) o.value = to;
  }
}

void Graph::erase(NodeId id) {
  Node& node = nodes_[id];
  for (uint32_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != kNoValue) std::erase(values_[node.inputs[i]].uses, Use{id, i});
  }
  for (ValueId v : node.outputs) std::erase(inputs_, v);
  node = Node{};
}

}  // namespace rlx
