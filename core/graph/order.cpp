// Topological order. Besides data, a node that reads a state's old value has to run before the state is written, and
// collectives run in the order in which they were added: ranks whose other nodes differ meet all the same.
#include <rlx/graph.hpp>

#include "status/format.hpp"

#include <functional>
#include <queue>

namespace rlx {
namespace {

// Calls `edge(before, after)` for every pair of nodes whose order matters.
template <typename Edge>
void for_each_edge(const Graph& graph, Edge edge) {
  NodeId collective = kNoNode;
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (node.erased()) continue;
    if (node.schema->flags & kOpCollective) {
      if (collective != kNoNode) edge(collective, id);
      collective = id;
    }
    for (const ValueId input : node.inputs)
      if (input != kNoValue) edge(graph.value(input).producer, id);
    if (!node.is("state_write")) continue;
    for (const Use& use : graph.value(node.inputs[0]).uses)
      if (use.node != id && !graph.node(use.node).is("state_write")) edge(use.node, id);
  }
}

}  // namespace

Result<std::vector<NodeId>> Graph::order() const {
  std::vector<uint32_t> waits(nodes_.size());
  std::vector<uint32_t> first_after(nodes_.size() + 1);
  for_each_edge(*this, [&](NodeId before, NodeId after) {
    ++waits[after];
    ++first_after[before + 1];
  });
  for (size_t i = 1; i < first_after.size(); ++i) first_after[i] += first_after[i - 1];
  std::vector<NodeId> after_lists(first_after.back());
  std::vector<uint32_t> filled(first_after.begin(), first_after.end() - 1);
  for_each_edge(*this, [&](NodeId before, NodeId after) { after_lists[filled[before]++] = after; });

  std::priority_queue<NodeId, std::vector<NodeId>, std::greater<>> ready;
  size_t alive = 0;
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    if (nodes_[id].erased()) continue;
    ++alive;
    if (waits[id] == 0) ready.push(id);
  }
  std::vector<NodeId> order;
  order.reserve(alive);
  while (!ready.empty()) {
    const NodeId id = ready.top();
    ready.pop();
    order.push_back(id);
    for (uint32_t i = first_after[id]; i < first_after[id + 1]; ++i)
      if (--waits[after_lists[i]] == 0) ready.push(after_lists[i]);
  }
  if (order.size() == alive) return order;
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    if (nodes_[id].erased() || waits[id] == 0) continue;
    return fail(Code::kInvalidArgument, "graph '{}': a cycle goes through {} '{}' (node {})", name_, nodes_[id].op(),
                nodes_[id].name, id);
  }
  return error(Code::kInternal, "graph: no node waits, yet not all were ordered");
}

}  // namespace rlx
