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
    NodeId collective = kNoNode;
    for (NodeId id : order) {
      const Node& node = graph.node(id);
      if (is_leaf(node) || views.is_view(id)) continue;
      // The order in which all ranks meet.
      if (node.schema->flags & kOpCollective) {
        if (collective != kNoNode) add_edge(graph, collective, id);
        collective = id;
      }
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

// The scheduler runs nodes as early as it can. One whose result only later segments of its own device read would send
// it through the host: it runs in the first of them, if what it reads is no more than what it makes.
class Sinker {
 public:
  Sinker(const Graph& graph, const SharedViews& views, std::vector<NodeSegment>& segments)
      : graph_(graph), views_(views), segments_(segments), segment_of_(graph.node_count()) {
    for (uint32_t s = 0; s < segments.size(); ++s)
      for (NodeId id : segments[s].nodes) segment_of_[id] = s;
  }

  void run() {
    std::vector<std::vector<NodeId>> sunk(segments_.size());  // of each segment, the last one first
    for (auto s = static_cast<uint32_t>(segments_.size()); s-- > 0;) {
      std::vector<NodeId> stay;
      for (size_t i = segments_[s].nodes.size(); i-- > 0;) {
        const NodeId id = segments_[s].nodes[i];
        segment_of_[id] = target(id);
        (segment_of_[id] == s ? stay : sunk[segment_of_[id]]).push_back(id);
      }
      segments_[s].nodes.assign(stay.rbegin(), stay.rend());
    }
    for (uint32_t s = 0; s < segments_.size(); ++s)
      segments_[s].nodes.insert(segments_[s].nodes.begin(), sunk[s].rbegin(), sunk[s].rend());
    std::erase_if(segments_, [](const NodeSegment& s) { return s.nodes.empty(); });
  }

 private:
  uint32_t target(NodeId id) const {
    const uint32_t here = segment_of_[id];
    const Node& node = graph_.node(id);
    if (node.is("state_write") || (node.schema->flags & kOpCollective)) return here;
    int64_t in = 0, out = 0;
    for (ValueId v : node.inputs) {
      if (v == kNoValue || graph_.literal(v) || graph_.producer(v).is("param")) continue;
      if (graph_.producer(v).is("state")) return here;  // its old value is there only now
      in += graph_.type(v).bytes();
    }
    uint32_t first = kNowhere;
    for (ValueId v : node.outputs) {
      out += graph_.type(v).bytes();
      first = std::min(first, first_reader(v, here));
    }
    return first == kNowhere || in > out ? here : first;
  }

  // The first segment that reads v; `here` when another device reads it, or the caller.
  uint32_t first_reader(ValueId v, uint32_t here) const {
    if (graph_.is_output(v)) return here;
    uint32_t first = kNowhere;
    for (const Use& use : graph_.value(v).uses) {
      const bool view = views_.is_view(use.node);
      const uint32_t s = view ? first_reader(graph_.node(use.node).outputs[0], here) : segment_of_[use.node];
      if (s != kNowhere && segments_[s].device != segments_[here].device) return here;
      first = std::min(first, s);
    }
    return first;
  }

  static constexpr uint32_t kNowhere = UINT32_MAX;
  const Graph& graph_;
  const SharedViews& views_;
  std::vector<NodeSegment>& segments_;
  std::vector<uint32_t> segment_of_;
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
  std::vector<NodeSegment> segments = Scheduler(graph, order, views, devices).best();
  Sinker(graph, views, segments).run();
  return segments;
}

}  // namespace rlx
