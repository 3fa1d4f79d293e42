// Topological order: Kahn's algorithm with a heap of node ids, so that ties keep the order of creation.

#include <rlx/graph.hpp>

#include <functional>
#include <queue>

#include "status/format.hpp"

namespace rlx {
namespace {

struct Edges {
  std::vector<std::vector<NodeId>> after;  // beside the data edges: state readers before the state's write
  std::vector<uint32_t> waits;             // how many edges a node still waits for
};

// Readers of a state's old value must run before the node that overwrites it.
void add_state_edges(const Graph& g, NodeId write, Edges& edges) {
  const ValueId state = g.node(write).inputs[0];
  for (const Use& use : g.value(state).uses) {
    if (use.node == write) continue;
    edges.after[use.node].push_back(write);
    ++edges.waits[write];
  }
}

}  // namespace

Result<std::vector<NodeId>> Graph::order() const {
  Edges edges{std::vector<std::vector<NodeId>>(nodes_.size()), std::vector<uint32_t>(nodes_.size(), 0)};
  size_t live = 0;
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    const Node& n = nodes_[id];
    if (n.erased()) continue;
    ++live;
    for (ValueId v : n.inputs) {
      if (v == kNoValue) continue;
      if (v >= values_.size() || values_[v].producer >= nodes_.size() || nodes_[values_[v].producer].erased())
        return fail(Code::kInvalidArgument, "{} '{}': an input does not exist", n.op(), n.name);
      ++edges.waits[id];
    }
    if (n.is("state_write")) add_state_edges(*this, id, edges);
  }
  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready;
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    if (!nodes_[id].erased() && edges.waits[id] == 0) ready.push(id);
  }
  std::vector<NodeId> sorted;
  sorted.reserve(live);
  auto release = [&](NodeId id) {
    if (--edges.waits[id] == 0) ready.push(id);
  };
  while (!ready.empty()) {
    const NodeId id = ready.top();
    ready.pop();
    sorted.push_back(id);
    for (ValueId v : nodes_[id].outputs)
      for (const Use& use : values_[v].uses) release(use.node);
    for (NodeId next : edges.after[id]) release(next);
  }
  if (sorted.size() == live) return sorted;
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    if (!nodes_[id].erased() && edges.waits[id] > 0)
      return fail(Code::kInvalidArgument, "{} '{}': lies on a cycle", nodes_[id].op(), nodes_[id].name);
  }
  return fail(Code::kInternal, "topological order lost a node");
}

}  // namespace rlx
