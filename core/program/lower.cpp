// Tensors are made on first use, nodes are collected with what they wait for, then scheduled and written out.
#include "program/lower.hpp"

#include "program/placement.hpp"
#include "program/schedule.hpp"
#include "program/views.hpp"

#include <string>
#include <utility>

namespace rlx {
namespace {

constexpr uint64_t kLargestTensor = uint64_t{1} << 62;

Status check_sizes(const Graph& graph, const std::vector<NodeId>& order) {
  for (NodeId id : order) {
    for (ValueId v : graph.node(id).outputs) {
      const TensorType& type = graph.type(v);
      const std::string where = "lower: " + std::string(graph.node(id).op()) + " '" + graph.node(id).name + "': ";
      uint64_t bytes = size_of(type.dtype);
      for (int64_t dim : type.shape) {
        if (dim < 0)
          return error(Code::kInvalidArgument, where + "shape " + to_string(type.shape, graph.symbols()) +
                                                   " is not static; bind every symbol first");
        if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(dim), &bytes) || bytes > kLargestTensor)
          return error(Code::kInvalidArgument, where + "shape " + to_string(type.shape) + " is beyond 2^62 bytes");
      }
    }
  }
  return {};
}

// Bodies have no memory of their own and few nodes: they are written as they are.
Result<uint32_t> lower_region(ProgramBuilder& builder, const Graph& body);

Result<std::vector<uint32_t>> lower_regions(ProgramBuilder& builder, const Node& node) {
  std::vector<uint32_t> regions;
  for (const Graph& body : node.regions) {
    RLX_ASSIGN(const uint32_t region, lower_region(builder, body));
    regions.push_back(region);
  }
  return regions;
}

Status emit(ProgramBuilder& builder, uint32_t region, const Node& node, std::span<const uint32_t> inputs,
            std::span<const uint32_t> outputs) {
  std::vector<rlx_attr> attrs;
  for (const Attrs::Entry& a : node.attrs.entries()) attrs.push_back(builder.attr(a.first, a.second));
  RLX_ASSIGN(const std::vector<uint32_t> regions, lower_regions(builder, node));
  builder.add_node(region, {node.op(), node.name, inputs, outputs, attrs, regions});
  return {};
}

Result<uint32_t> lower_region(ProgramBuilder& builder, const Graph& body) {
  RLX_ASSIGN(const std::vector<NodeId> order, body.order());
  RLX_TRY(check_sizes(body, order));
  const uint32_t region = builder.add_region();
  std::vector<uint32_t> tensor(body.value_count(), RLX_NO_INDEX);
  for (ValueId v : body.inputs()) tensor[v] = builder.add_tensor(body.type(v), RLX_ROLE_TEMPORARY);
  for (NodeId id : order) {
    const Node& node = body.node(id);
    if (node.is("input")) continue;
    if (node.is("constant")) {
      const Literal* value = body.literal(node.outputs[0]);
      tensor[node.outputs[0]] = builder.add_tensor(value->type, RLX_ROLE_CONSTANT);
      builder.set_data(tensor[node.outputs[0]], value->bytes);
      continue;
    }
    if (node.schema->flags & kOpLeaf)
      return error(Code::kUnimplemented, "lower: a region may not hold a " + std::string(node.op()));
    std::vector<uint32_t> inputs, outputs;
    for (ValueId v : node.inputs) inputs.push_back(v == kNoValue ? RLX_NO_INDEX : tensor[v]);
    for (ValueId v : node.outputs) outputs.push_back(tensor[v] = builder.add_tensor(body.type(v), RLX_ROLE_TEMPORARY));
    RLX_TRY(emit(builder, region, node, inputs, outputs));
  }
  std::vector<uint32_t> inputs, outputs;
  for (ValueId v : body.inputs()) inputs.push_back(tensor[v]);
  for (const GraphOutput& o : body.outputs()) outputs.push_back(tensor[o.value]);
  builder.set_interface(region, inputs, outputs);
  return region;
}

class Lowering {
 public:
  Lowering(const Graph& graph, Placement placement)
      : graph_(graph), places_(std::move(placement)), tensors_(graph.value_count(), RLX_NO_INDEX) {
    builder_.add_region();
  }

  Result<Lowered> run(const std::vector<NodeId>& order) {
    add_interface(order);
    for (NodeId id : order) add_node(id);
    std::vector<uint32_t> inputs;
    for (ValueId v : graph_.inputs()) inputs.push_back(tensor_of(v));
    const std::vector<uint32_t> outputs = add_outputs();
    builder_.set_interface(0, inputs, outputs);
    return write_nodes();
  }

 private:
  struct Item {
    NodeId source;  // kNoNode: a copy
    std::vector<uint32_t> inputs, outputs;
    std::vector<uint32_t> after;
  };

  // Inputs, parameters and states exist even when nothing reads them: the caller sets them by name.
  void add_interface(const std::vector<NodeId>& order) {
    for (ValueId v : graph_.inputs()) tensor_of(v);
    for (std::string_view op : {"param", "state"})
      for (NodeId id : order)
        if (graph_.node(id).is(op)) tensor_of(graph_.node(id).outputs[0]);
  }

  uint32_t tensor_of(ValueId v) {
    if (tensors_[v] != RLX_NO_INDEX) return tensors_[v];
    const Place& p = places_.of(v);
    const ValueId owner = places_.owner(p.root);
    uint32_t t;
    if (v != owner) {
      const uint32_t root = tensor_of(owner);
      t = builder_.add_tensor(graph_.type(v), RLX_ROLE_TEMPORARY);
      builder_.set_view(t, root, p.offset);
    } else {
      t = make_root(v);
    }
    return tensors_[v] = t;
  }

  uint32_t make_root(ValueId v) {
    const Node& node = graph_.producer(v);
    const TensorType& type = graph_.type(v);
    if (node.is("input")) return builder_.add_tensor(type, RLX_ROLE_INPUT, node.attrs.str("name"));
    if (node.is("param")) return builder_.add_tensor(type, RLX_ROLE_PARAM, node.attrs.str("name"));
    if (node.is("state")) {
      const uint32_t t = builder_.add_tensor(type, RLX_ROLE_STATE, node.attrs.str("name"));
      if (const Literal* init = node.attrs.literal("init")) builder_.set_data(t, init->bytes);
      return t;
    }
    if (node.is("constant")) {
      const uint32_t t = builder_.add_tensor(type, RLX_ROLE_CONSTANT);
      builder_.set_data(t, graph_.literal(v)->bytes);
      return t;
    }
    return builder_.add_tensor(type, RLX_ROLE_TEMPORARY);
  }

  void add_node(NodeId id) {
    const Node& node = graph_.node(id);
    if ((node.schema->flags & kOpLeaf) || places_.is_view(id)) return;
    if (places_.is_saved(id)) {
      tensors_[node.outputs[0]] = make_root(node.outputs[0]);
      save(node);
      return;
    }
    Item item{id, {}, {}, {}};
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId v = node.inputs[i];
      if (v == kNoValue) {
        item.inputs.push_back(RLX_NO_INDEX);
      } else if (i > 0 && node.is("state_write") && places_.of(v).root == node.inputs[0]) {
        // The source lies in the memory that the node writes.
        item.inputs.push_back(add_copy(v, RLX_NO_INDEX));
      } else {
        item.inputs.push_back(tensor_of(v));
        wait_for(v, item, id);
      }
    }
    for (ValueId v : node.outputs) item.outputs.push_back(tensor_of(v));
    item_of_[id] = static_cast<uint32_t>(items_.size());
    items_.push_back(std::move(item));
  }

  // A reader of a state's new value comes after the write, a reader of the old one before it.
  void wait_for(ValueId v, Item& item, NodeId reader) {
    const Place& p = places_.of(v);
    if (p.version != kNoNode) {
      item.after.push_back(item_of_.at(p.version));
      return;
    }
    const NodeId write = places_.write_of(p.root);
    if (write != kNoNode && write != reader) old_readers_[write].push_back(static_cast<uint32_t>(items_.size()));
  }

  // Returns the tensor that holds the copy: `to`, or a new one.
  uint32_t add_copy(ValueId v, uint32_t to) {
    Item item{kNoNode, {tensor_of(v)}, {}, {}};
    wait_for(v, item, kNoNode);
    if (to == RLX_NO_INDEX) to = builder_.add_tensor(graph_.type(v), RLX_ROLE_TEMPORARY);
    item.outputs = {to};
    items_.push_back(std::move(item));
    return to;
  }

  void save(const Node& node) {
    const ValueId v = node.outputs[0];
    const uint32_t view = builder_.add_tensor(graph_.type(v), RLX_ROLE_TEMPORARY);
    builder_.set_view(view, tensor_of(node.inputs[0]), *view_offset(graph_, node));
    Item item{kNoNode, {view}, {tensors_[v]}, {}};
    wait_for(node.inputs[0], item, kNoNode);
    items_.push_back(std::move(item));
  }

  std::vector<uint32_t> add_outputs() {
    std::vector<uint32_t> outputs;
    for (size_t i = 0; i < graph_.outputs().size(); ++i) {
      const GraphOutput& o = graph_.outputs()[i];
      const uint32_t t = places_.owns_memory(i) ? tensor_of(o.value) : add_copy(o.value, RLX_NO_INDEX);
      builder_.tensor(t).flags |= RLX_TENSOR_OUTPUT;
      builder_.tensor(t).name = builder_.text(o.name);
      outputs.push_back(t);
    }
    return outputs;
  }

  ScheduleProblem schedule_problem() {
    ScheduleProblem p;
    p.blocks.resize(builder_.tensor_count());
    const auto block = [&](uint32_t t) {
      const uint32_t root = builder_.tensor(t).view_of;
      return root == RLX_NO_INDEX ? t : root;
    };
    for (uint32_t t = 0; t < p.blocks.size(); ++t) {
      p.blocks[t].bytes = builder_.tensor(t).size_bytes;
      p.blocks[t].kept = builder_.tensor(t).flags & RLX_TENSOR_OUTPUT;
    }
    for (const auto& [write, readers] : old_readers_) {
      std::vector<uint32_t>& after = items_[item_of_.at(write)].after;
      after.insert(after.end(), readers.begin(), readers.end());
    }
    for (uint32_t i = 0; i < items_.size(); ++i) {
      ScheduleItem& item = p.items.emplace_back();
      item.after = items_[i].after;
      for (uint32_t t : items_[i].inputs)
        if (t != RLX_NO_INDEX) item.reads.push_back(block(t));
      for (uint32_t t : items_[i].outputs) {
        if (builder_.tensor(block(t)).role == RLX_ROLE_STATE) continue;
        item.writes.push_back(block(t));
        p.blocks[block(t)].writer = i;
      }
    }
    return p;
  }

  Result<Lowered> write_nodes() {
    const std::vector<uint32_t> order = schedule(schedule_problem());
    if (order.size() != items_.size())
      return error(Code::kInvalidArgument, "lower: graph '" + graph_.name() +
                                               "': old and new values of its states depend on each other in a circle");
    std::vector<NodeId> sources;
    for (uint32_t i : order) {
      const Item& item = items_[i];
      sources.push_back(item.source);
      if (item.source == kNoNode)
        builder_.add_node(0, {"copy", {}, item.inputs, item.outputs, {}, {}});
      else
        RLX_TRY(emit(builder_, 0, graph_.node(item.source), item.inputs, item.outputs));
    }
    return Lowered{builder_.finish(), std::move(sources)};
  }

  const Graph& graph_;
  Placement places_;
  ProgramBuilder builder_;
  std::vector<uint32_t> tensors_;  // of each value
  std::vector<Item> items_;
  std::map<NodeId, uint32_t> item_of_;
  std::map<NodeId, std::vector<uint32_t>> old_readers_;  // of a state_write: items that read the old value
};

}  // namespace

Result<Lowered> lower(const Graph& graph) {
  RLX_ASSIGN(const std::vector<NodeId> order, graph.order());
  RLX_TRY(check_sizes(graph, order));
  RLX_ASSIGN(Placement placement, Placement::make(graph, order));
  return Lowering(graph, std::move(placement)).run(order);
}

}  // namespace rlx
