#include "compile/partition.hpp"

#include "compile/segments.hpp"

#include <unordered_map>

namespace rlx {
namespace {

class Splitter {
 public:
  Splitter(const Graph& graph, const std::vector<NodeId>& order, const SharedViews& views)
      : graph_(graph),
        order_(order),
        views_(views),
        segment_of_(graph.node_count(), kNoSegment),
        wire_of_(graph.value_count(), kNoWire) {}

  Result<Partition> run(const std::vector<NodeSegment>& segments) {
    for (uint32_t s = 0; s < segments.size(); ++s) {
      for (NodeId id : segments[s].nodes) segment_of_[id] = s;
      out_.segments.push_back({segments[s].device, Graph(graph_.name())});
    }
    local_.resize(segments.size());
    for (ValueId v : graph_.inputs()) {
      wire_of_[v] = add_wire({graph_.type(v), {}, {}, {}});
      out_.inputs.push_back(wire_of_[v]);
    }
    find_homes();
    for (uint32_t s = 0; s < segments.size(); ++s)
      for (NodeId id : segments[s].nodes) RLX_TRY(copy(s, id));
    RLX_TRY(add_unused());
    RLX_TRY(add_outputs());
    return std::move(out_);
  }

 private:
  static constexpr uint32_t kNoWire = UINT32_MAX;

  uint32_t add_wire(Wire wire) {
    out_.wires.push_back(std::move(wire));
    return static_cast<uint32_t>(out_.wires.size() - 1);
  }

  // A state lives where it is written, else where it is read first.
  void find_homes() {
    for (NodeId id : order_) {
      const Node& node = graph_.node(id);
      if (!node.is("state")) continue;
      uint32_t home = kNoSegment;
      bool written = false;
      for (const Use& use : graph_.value(node.outputs[0]).uses) {
        const bool writes = graph_.node(use.node).is("state_write");
        if (writes || (!written && segment_of_[use.node] < home)) home = segment_of_[use.node];
        written = written || writes;
      }
      out_.state_home[node.attrs.str("name")] = home == kNoSegment ? 0 : home;
    }
  }

  Status copy(uint32_t s, NodeId id) {
    const Node& node = graph_.node(id);
    std::vector<ValueId> inputs;
    for (ValueId v : node.inputs) {
      if (v == kNoValue) {
        inputs.push_back(kNoValue);
        continue;
      }
      RLX_ASSIGN(const ValueId in, local(s, v));
      inputs.push_back(in);
    }
    Graph& part = out_.segments[s].graph;
    RLX_ASSIGN(const NodeId made,
               part.add_node(node.op(), inputs, node.attrs, node.name, node.outputs.size(), node.regions));
    for (size_t i = 0; i < node.outputs.size(); ++i) local_[s][node.outputs[i]] = part.node(made).outputs[i];
    return {};
  }

  // The value in a segment's graph, brought there when it is missing.
  Result<ValueId> local(uint32_t s, ValueId v) {
    std::vector<NodeId> renames;
    while (!local_[s].contains(v) && views_.is_view(graph_.value(v).producer)) {
      renames.push_back(graph_.value(v).producer);
      v = graph_.producer(v).inputs[0];
    }
    if (!local_[s].contains(v)) {
      RLX_ASSIGN(const ValueId brought, bring(s, v));
      local_[s][v] = brought;
    }
    for (size_t i = renames.size(); i-- > 0;) {
      RLX_TRY(copy(s, renames[i]));
      v = graph_.node(renames[i]).outputs[0];
    }
    return local_[s][v];
  }

  Result<ValueId> bring(uint32_t s, ValueId v) {
    const Node& node = graph_.producer(v);
    Graph& part = out_.segments[s].graph;
    if (node.is("constant")) return part.constant(*graph_.literal(v), node.name);
    if (node.is("param")) return part.param(node.attrs.str("name"), graph_.type(v));
    if (node.is("state") && out_.state_home.at(node.attrs.str("name")) == s) {
      const Literal* init = node.attrs.literal("init");
      return part.state(node.attrs.str("name"), graph_.type(v), init ? std::optional<Literal>(*init) : std::nullopt);
    }
    if (wire_of_[v] == kNoWire) {
      if (node.is("state")) {
        wire_of_[v] = add_wire({graph_.type(v), {}, {}, node.attrs.str("name")});
      } else {
        RLX_ASSIGN(wire_of_[v], carry(segment_of_[graph_.value(v).producer], v));
      }
    }
    const uint32_t wire = wire_of_[v];
    out_.wires[wire].sinks.push_back({s, static_cast<uint32_t>(part.inputs().size())});
    return part.input("value " + std::to_string(wire), graph_.type(v));
  }

  // A wire that takes a value out of a segment.
  Result<uint32_t> carry(uint32_t s, ValueId v) {
    RLX_ASSIGN(const ValueId made, local(s, v));
    Graph& part = out_.segments[s].graph;
    const uint32_t wire = add_wire({graph_.type(v), {s, static_cast<uint32_t>(part.outputs().size())}, {}, {}});
    RLX_TRY(part.add_output("value " + std::to_string(wire), made));
    return wire;
  }

  // The caller sets parameters and states by name even where nothing reads them.
  Status add_unused() {
    for (NodeId id : order_) {
      const Node& node = graph_.node(id);
      if (!node.is("param") && !node.is("state")) continue;
      bool used = false;
      for (const auto& values : local_) used = used || values.contains(node.outputs[0]);
      if (!used) RLX_TRY(local(0, node.outputs[0]));
    }
    return {};
  }

  Status add_outputs() {
    std::vector<bool> taken(graph_.value_count());
    for (const GraphOutput& o : graph_.outputs()) {
      const Node& maker = graph_.producer(views_.root(o.value));
      const bool leaf = (maker.schema->flags & kOpLeaf) != 0;
      // What is on a wire already goes out on it, once; the inputs' wires belong to the caller.
      uint32_t wire = leaf || taken[o.value] ? kNoWire : wire_of_[o.value];
      if (wire == kNoWire) {
        uint32_t s = 0;
        if (maker.is("state")) s = out_.state_home.at(maker.attrs.str("name"));
        if (!leaf) s = segment_of_[graph_.value(views_.root(o.value)).producer];
        RLX_ASSIGN(wire, carry(s, o.value));
      }
      taken[o.value] = true;
      out_.outputs.push_back(wire);
    }
    return {};
  }

  const Graph& graph_;
  const std::vector<NodeId>& order_;
  const SharedViews& views_;
  std::vector<uint32_t> segment_of_;                         // of each node
  std::vector<uint32_t> wire_of_;                            // of each value
  std::vector<std::unordered_map<ValueId, ValueId>> local_;  // of each segment: a value's twin there
  Partition out_;
};

}  // namespace

Result<Partition> make_partition(const Graph& graph, std::span<const uint32_t> devices) {
  RLX_ASSIGN(const std::vector<NodeId> order, graph.order());
  const SharedViews views(graph, order);
  std::vector<NodeSegment> segments = find_segments(graph, order, views, devices);
  // A program without work still has an interface.
  if (segments.empty()) segments.push_back({0, {}});
  return Splitter(graph, order, views).run(segments);
}

}  // namespace rlx
