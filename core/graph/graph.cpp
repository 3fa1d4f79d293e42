// Storage of nodes and values, leaves, outputs and rewriting. Adding of nodes with their checks is add_node.cpp.
#include <rlx/graph.hpp>

#include "status/format.hpp"

#include <algorithm>
#include <cassert>

namespace rlx {
namespace {

std::string interface_key(std::string_view op, std::string_view name) {
  std::string key(op);
  key += ' ';
  key += name;
  return key;
}

Status check_leaf_type(std::string_view op, std::string_view name, const TensorType& type, size_t symbol_count) {
  if (!is_valid(type.dtype))
    return fail(Code::kInvalidArgument, "{}: '{}' has dtype {}", op, name, static_cast<uint32_t>(type.dtype));
  if (auto shape = Shape::make(type.shape.dims()); !shape)
    return fail(Code::kInvalidArgument, "{}: '{}': {}", op, name, shape.error().message);
  for (const int64_t d : type.shape) {
    if (is_symbol(d) && symbol_index(d) >= symbol_count)
      return fail(Code::kInvalidArgument, "{}: '{}' has symbol {}, the graph has {}", op, name, symbol_index(d),
                  symbol_count);
  }
  return {};
}

}  // namespace

Graph::Graph(const Graph&) = default;
Graph& Graph::operator=(const Graph&) = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

int64_t Graph::symbol(std::string_view name) {
  const auto at = std::find(symbols_.begin(), symbols_.end(), name);
  const auto index = static_cast<uint32_t>(at - symbols_.begin());
  if (at == symbols_.end()) symbols_.emplace_back(name);
  return symbol_dim(index);
}

NodeId Graph::append(const OpSchema* schema, std::span<const ValueId> inputs, Attrs attrs, std::string_view name,
                     std::span<const TensorType> types, std::vector<Graph> regions) {
  const auto id = static_cast<NodeId>(nodes_.size());
  Node node;
  node.schema = schema;
  node.name = name;
  node.inputs.assign(inputs.begin(), inputs.end());
  node.attrs = std::move(attrs);
  node.regions = std::move(regions);
  for (const TensorType& type : types) {
    node.outputs.push_back(static_cast<ValueId>(values_.size()));
    Value value;
    value.type = type;
    value.producer = id;
    value.index = static_cast<uint32_t>(node.outputs.size() - 1);
    values_.push_back(std::move(value));
  }
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i] != kNoValue) values_[inputs[i]].uses.push_back({id, static_cast<uint32_t>(i)});
  nodes_.push_back(std::move(node));
  return id;
}

Result<ValueId> Graph::leaf(std::string_view op, std::string_view name, TensorType type, Attrs attrs) {
  RLX_TRY(check_leaf_type(op, name, type, symbols_.size()));
  const auto [at, is_new] = interface_.emplace(interface_key(op, name), static_cast<NodeId>(nodes_.size()));
  if (!is_new) return fail(Code::kAlreadyExists, "{}: there is another '{}'", op, name);
  attrs.set("name", std::string(name));
  const NodeId id = append(find_op(op), {}, std::move(attrs), name, std::span<const TensorType>(&type, 1), {});
  const ValueId value = nodes_[id].outputs[0];
  set_value_name(value, nodes_[id].name);
  return value;
}

Result<ValueId> Graph::input(std::string_view name, TensorType type) {
  RLX_ASSIGN(const ValueId value, leaf("input", name, type));
  inputs_.push_back(value);
  return value;
}

Result<ValueId> Graph::param(std::string_view name, TensorType type) {
  return leaf("param", name, type);
}

Result<ValueId> Graph::state(std::string_view name, TensorType type, std::optional<Literal> init) {
  Attrs attrs;
  if (init) {
    if (init->type != type)
      return fail(Code::kInvalidArgument, "state: '{}' of type {} starts with a value of type {}", name,
                  to_string(type, symbols_), to_string(init->type));
    if (!type.shape.is_static() || init->bytes.size() != static_cast<uint64_t>(type.bytes()))
      return fail(Code::kInvalidArgument, "state: '{}' of type {} cannot start with {} bytes", name,
                  to_string(type, symbols_), init->bytes.size());
    attrs.set("init", std::move(*init));
  }
  return leaf("state", name, type, std::move(attrs));
}

Result<ValueId> Graph::constant(Literal value, std::string_view name) {
  Attrs attrs;
  attrs.set("value", std::move(value));
  RLX_ASSIGN(const ValueId id, add("constant", {}, std::move(attrs), name));
  set_value_name(id, producer(id).name);  // name may have been another node's, which has moved
  return id;
}

Status Graph::add_output(std::string_view name, ValueId value) {
  if (value >= values_.size() || producer(value).erased())
    return fail(Code::kInvalidArgument, "output: '{}' is value {}, which does not exist", name, value);
  for (const GraphOutput& output : outputs_)
    if (output.name == name) return fail(Code::kAlreadyExists, "output: there is another '{}'", name);
  outputs_.push_back({std::string(name), value});
  return {};
}

void Graph::clear_outputs() {
  outputs_.clear();
}

const Literal* Graph::literal(ValueId id) const {
  const Node& node = producer(id);
  return node.is("constant") ? node.attrs.literal("value") : nullptr;
}

bool Graph::is_output(ValueId id) const {
  return std::any_of(outputs_.begin(), outputs_.end(), [id](const GraphOutput& output) { return output.value == id; });
}

bool Graph::is_static() const {
  return std::all_of(values_.begin(), values_.end(), [this](const Value& value) {
    return nodes_[value.producer].erased() || value.type.shape.is_static();
  });
}

void Graph::drop_use(ValueId value, NodeId node, size_t index) {
  auto& uses = values_[value].uses;
  const auto at = std::find(uses.begin(), uses.end(), Use{node, static_cast<uint32_t>(index)});
  assert(at != uses.end());
  uses.erase(at);
}

void Graph::set_input(NodeId node, size_t index, ValueId value) {
  ValueId& slot = nodes_[node].inputs[index];
  if (slot == value) return;
  if (slot != kNoValue) drop_use(slot, node, index);
  if (value != kNoValue) values_[value].uses.push_back({node, static_cast<uint32_t>(index)});
  slot = value;
}

void Graph::replace_uses(ValueId from, ValueId to) {
  if (from == to) return;
  for (const Use& use : values_[from].uses) {
    nodes_[use.node].inputs[use.input] = to;
    values_[to].uses.push_back(use);
  }
  values_[from].uses.clear();
  for (GraphOutput& output : outputs_)
    if (output.value == from) output.value = to;
}

void Graph::erase(NodeId id) {
  Node& node = nodes_[id];
  assert(!node.erased());
  for ([[maybe_unused]] const ValueId value : node.outputs) {
    assert(values_[value].uses.empty() && !is_output(value));
  }
  for (size_t i = 0; i < node.inputs.size(); ++i)
    if (node.inputs[i] != kNoValue) drop_use(node.inputs[i], id, i);
  if (node.schema->flags & kOpLeaf) {
    interface_.erase(interface_key(node.op(), node.attrs.str("name")));
    inputs_.erase(std::remove(inputs_.begin(), inputs_.end(), node.outputs[0]), inputs_.end());
  }
  node = Node{};
}

}  // namespace rlx
