// The typed dataflow graph: what frontends build and passes rewrite.
//
// Nodes and values are named by index and never move; erased ones leave a hole. add() checks the op's schema and infers
// types at once, so an error points at the caller's line. Regions (bodies of fused and control-flow ops) are graphs of
// their own whose `input` leaves stand for the node's inputs, in order. Threads: one at a time; const use by many.
#pragma once

#include <rlx/op.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rlx {

struct Use {
  NodeId node;
  uint32_t input;
  friend bool operator==(const Use& a, const Use& b) { return a.node == b.node && a.input == b.input; }
};

struct Value {
  TensorType type;
  NodeId producer = kNoNode;
  uint32_t index = 0;     // which output of the producer
  std::string name;       // may be empty
  std::vector<Use> uses;  // by nodes; being a graph output is no use
};

struct Node {
  const OpSchema* schema = nullptr;  // null: erased
  std::string name;                  // the source's name, for messages; may be empty
  std::vector<ValueId> inputs;       // kNoValue = absent optional input
  std::vector<ValueId> outputs;
  Attrs attrs;
  std::vector<Graph> regions;

  bool erased() const { return schema == nullptr; }
  std::string_view op() const { return schema ? schema->name : std::string_view("erased"); }
  bool is(std::string_view op_name) const { return schema && schema->name == op_name; }
};

struct GraphOutput {
  std::string name;
  ValueId value;
};

// Values of symbolic dims by name.
using Bindings = std::map<std::string, int64_t, std::less<>>;

class Graph {
 public:
  Graph() = default;
  explicit Graph(std::string name) : name_(std::move(name)) {}
  RLX_API Graph(const Graph&);
  RLX_API Graph& operator=(const Graph&);
  RLX_API Graph(Graph&&) noexcept;
  RLX_API Graph& operator=(Graph&&) noexcept;
  RLX_API ~Graph();

  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }

  // ---- symbols ----
  // The dim of a symbol, added at first use.
  RLX_API int64_t symbol(std::string_view name);
  const std::vector<std::string>& symbols() const { return symbols_; }

  // ---- building ----
  // Leaves. Interface names are unique within a kind; a duplicate is ALREADY_EXISTS.
  RLX_API Result<ValueId> input(std::string_view name, TensorType type);
  RLX_API Result<ValueId> param(std::string_view name, TensorType type);
  RLX_API Result<ValueId> state(std::string_view name, TensorType type, std::optional<Literal> init = std::nullopt);
  RLX_API Result<ValueId> constant(Literal value, std::string_view name = {});

  // Adds a node with one output and returns its value. Fills attribute defaults. Errors name op, value and limit.
  RLX_API Result<ValueId> add(std::string_view op, std::span<const ValueId> inputs, Attrs attrs = {},
                              std::string_view name = {});
  Result<ValueId> add(std::string_view op, std::initializer_list<ValueId> inputs, Attrs attrs = {},
                      std::string_view name = {}) {
    return add(op, std::span<const ValueId>(inputs.begin(), inputs.size()), std::move(attrs), name);
  }
  // The general form: any number of outputs (0 = the op's default), regions.
  RLX_API Result<NodeId> add_node(std::string_view op, std::span<const ValueId> inputs, Attrs attrs = {},
                                  std::string_view name = {}, size_t output_count = 0, std::vector<Graph> regions = {});
  // Output names are unique; a value may appear twice.
  RLX_API Status add_output(std::string_view name, ValueId value);
  RLX_API void clear_outputs();

  // ---- reading ----
  size_t node_count() const { return nodes_.size(); }  // including erased ones
  size_t value_count() const { return values_.size(); }
  const Node& node(NodeId id) const { return nodes_[id]; }
  const Value& value(ValueId id) const { return values_[id]; }
  const TensorType& type(ValueId id) const { return values_[id].type; }
  const Shape& shape(ValueId id) const { return values_[id].type.shape; }
  DType dtype(ValueId id) const { return values_[id].type.dtype; }
  // The node that makes a value.
  const Node& producer(ValueId id) const { return nodes_[values_[id].producer]; }
  // The literal of a `constant`, else null.
  RLX_API const Literal* literal(ValueId id) const;
  const std::vector<ValueId>& inputs() const { return inputs_; }  // `input` leaves in order
  const std::vector<GraphOutput>& outputs() const { return outputs_; }
  RLX_API bool is_output(ValueId id) const;
  // Nodes, erased ones left out, each after the producers of its inputs; ties in order of creation. A node that reads a
  // state's old value comes before its state_write. INVALID_ARGUMENT naming a node when there is a cycle.
  RLX_API Result<std::vector<NodeId>> order() const;
  // All dims of all values static?
  RLX_API bool is_static() const;

  // ---- rewriting ----
  void set_node_name(NodeId id, std::string name) { nodes_[id].name = std::move(name); }
  void set_value_name(ValueId id, std::string name) { values_[id].name = std::move(name); }
  RLX_API void set_input(NodeId node, size_t index, ValueId value);
  // Uses and graph outputs of `from` become `to`.
  RLX_API void replace_uses(ValueId from, ValueId to);
  // The node's outputs must have no uses and be no graph outputs.
  RLX_API void erase(NodeId node);

 private:
  Result<ValueId> leaf(std::string_view op, std::string_view name, TensorType type, Attrs attrs = {});
  NodeId append(const OpSchema* schema, std::span<const ValueId> inputs, Attrs attrs, std::string_view name,
                std::span<const TensorType> types, std::vector<Graph> regions);
  void drop_use(ValueId value, NodeId node, size_t index);

  std::string name_;
  std::vector<std::string> symbols_;
  std::vector<Node> nodes_;
  std::vector<Value> values_;
  std::vector<ValueId> inputs_;
  std::vector<GraphOutput> outputs_;
  std::map<std::string, NodeId, std::less<>> interface_;  // "param weight" -> its leaf
};

// Everything add() cannot see: dangling ids, cycles, use lists, outputs, duplicate interface names, types equal to
// re-inference.
RLX_API Status verify(const Graph& graph);

// The same graph with symbols replaced by numbers and all types inferred anew. Every symbol must be bound; unknown
// names are errors.
RLX_API Result<Graph> bind(const Graph& graph, const Bindings& bindings);

// Text form. print() and parse() are inverse: the parsed graph prints the same text and is structurally equal.
RLX_API std::string print(const Graph& graph);
RLX_API Result<Graph> parse_graph(std::string_view text);

// Same nodes, types, attributes (literal bytes too), outputs in topological order; names of values and nodes ignored.
RLX_API bool structurally_equal(const Graph& a, const Graph& b);

}  // namespace rlx
