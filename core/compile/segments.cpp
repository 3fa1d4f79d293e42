#include "compile/segments.hpp"

#include "program/views.hpp"

#include <algorithm>
#include <functional>
#include <queue>

namespace rlx {
namespace {

bool is_leaf(const Node& node) {
  return (node.schema->flags & kOpLeaf) != 0;
}

// A list scheduler that stays on one device for as long as anything is ready there.
class Scheduler {
 public:
  Scheduler(const Graph& graph, const std::vector<NodeId>& order, const SharedViews& views,
            std::span<const uint32_t> devices)
      : devices_(devices), after_(graph.node_count()), waits_(graph.node_count()), place_(graph.node_count()) {
    for (uint32_t i = 0; i < order.size(); ++i) place_[order[i]] = i;
    for (NodeId id : order) {
      const Node& node = graph.node(id);
      if (is_leaf(node) || views.is_view(id)) continue;
      work_.push_back(id);
      device_count_ = std::max(device_count_, devices[id] + 1);
      for (ValueId v : node.inputs)
        if (v != kNoValue) add_edge(graph, graph.value(views.root(v)).producer, id);
      if (!node.is("state_write")) continue;
      // Graph::order has the same rule: the old value is read before it goes.
      for (const Use& use : graph.value(node.inputs[0]).uses)
        if (use.node != id && !graph.node(use.node).is("state_write")) add_edge(graph, use.node, id);
    }
  }

  std::vector<NodeSegment> best() const {
    std::vector<NodeSegment> best;
    for (uint32_t first = 0; first < device_count_; ++first) {
      std::vector<NodeSegment> found = run(first);
      if (best.empty() || found.size() < best.size()) best = std::move(found);
    }
    return best;
  }

 private:
  using Earliest = std::function<bool(NodeId, NodeId)>;
  using Ready = std::priority_queue<NodeId, std::vector<NodeId>, Earliest>;

  void add_edge(const Graph& graph, NodeId before, NodeId after) {
    if (is_leaf(graph.node(before))) return;
    after_[before].push_back(after);
    ++waits_[after];
  }

  std::vector<NodeSegment> run(uint32_t device) const {
    std::vector<uint32_t> waits = waits_;
    std::vector<Ready> ready(device_count_, Ready([this](NodeId a, NodeId b) { return place_[a] > place_[b]; }));
    for (NodeId id : work_)
      if (waits[id] == 0) ready[devices_[id]].push(id);
    std::vector<NodeSegment> segments;
    for (size_t left = work_.size(); left > 0;) {
      if (ready[device].empty())
        for (device = 0; ready[device].empty();) ++device;
      NodeSegment& segment = segments.emplace_back(NodeSegment{device, {}});
      while (!ready[device].empty()) {
        const NodeId id = ready[device].top();
        ready[device].pop();
        segment.nodes.push_back(id);
        for (NodeId next : after_[id])
          if (--waits[next] == 0) ready[devices_[next]].push(next);
      }
      left -= segment.nodes.size();
    }
    return segments;
  }

  std::span<const uint32_t> devices_;
  std::vector<std::vector<NodeId>> after_;
  std::vector<uint32_t> waits_;
  std::vector<uint32_t> place_;  // in the graph's order
  std::vector<NodeId> work_;
  uint32_t device_count_ = 0;
};

}  // namespace

SharedViews::SharedViews(const Graph& graph, const std::vector<NodeId>& order)
    : graph_(graph), views_(graph.node_count()) {
  std::vector<bool> in_state(graph.value_count());
  for (NodeId id : order) {
    const Node& node = graph.node(id);
    if (node.is("state") || node.is("state_write")) {
      in_state[node.outputs[0]] = true;
      continue;
    }
    if (is_leaf(node) || !view_offset(graph, node)) continue;
    const ValueId in = node.inputs[0], out = node.outputs[0];
    in_state[out] = in_state[in];
    views_[id] = !in_state[in] && node.inputs.size() == 1 && graph.type(in).bytes() == graph.type(out).bytes();
  }
}

ValueId SharedViews::root(ValueId v) const {
  while (views_[graph_.value(v).producer]) v = graph_.producer(v).inputs[0];
  return v;
}

std::vector<NodeSegment> find_segments(const Graph& graph, const std::vector<NodeId>& order, const SharedViews& views,
                                       std::span<const uint32_t> devices) {
  return Scheduler(graph, order, views, devices).best();
}

}  // namespace rlx
