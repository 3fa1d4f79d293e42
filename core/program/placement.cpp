#include "program/placement.hpp"

#include "program/views.hpp"

namespace rlx {
namespace {

// Nodes whose inputs depend on a node, without itself.
std::vector<bool> descendants(const Graph& graph, NodeId of) {
  std::vector<bool> seen(graph.node_count());
  std::vector<NodeId> todo = {of};
  while (!todo.empty()) {
    const NodeId node = todo.back();
    todo.pop_back();
    for (ValueId v : graph.node(node).outputs) {
      for (const Use& use : graph.value(v).uses) {
        if (seen[use.node]) continue;
        seen[use.node] = true;
        todo.push_back(use.node);
      }
    }
  }
  return seen;
}

bool is_leaf(const Node& node) {
  return (node.schema->flags & kOpLeaf) != 0;
}

}  // namespace

Result<Placement> Placement::make(const Graph& graph, const std::vector<NodeId>& order) {
  Placement p(graph);
  RLX_TRY(p.find_writes(order));
  p.save_late_reads();
  p.place(order);
  p.claim_outputs();
  return p;
}

NodeId Placement::write_of(ValueId state) const {
  const auto it = writes_.find(state);
  return it == writes_.end() ? kNoNode : it->second;
}

Status Placement::find_writes(const std::vector<NodeId>& order) {
  for (NodeId id : order) {
    const Node& node = graph_->node(id);
    if (!node.is("state_write")) continue;
    const ValueId state = node.inputs[0];
    if (!graph_->producer(state).is("state"))
      return error(Code::kInvalidArgument, "state_write: input 0 is not a state");
    if (!writes_.emplace(state, id).second)
      return error(Code::kInvalidArgument, "state_write: state '" + graph_->producer(state).attrs.str("name") +
                                               "' is written twice in one run");
  }
  return {};
}

// Graph::order puts readers of a state before its write, but sees only direct ones. A view of the old value that is
// read by something that depends on the write needs a copy.
void Placement::save_late_reads() {
  for (const auto& [state, write] : writes_) {
    std::vector<NodeId> direct;
    std::vector<ValueId> aliases;
    for (const Use& use : graph_->value(state).uses) {
      if (use.input != 0 || !view_offset(*graph_, graph_->node(use.node))) continue;
      direct.push_back(use.node);
      aliases.push_back(graph_->node(use.node).outputs[0]);
    }
    if (direct.empty()) continue;
    const std::vector<bool> late = descendants(*graph_, write);
    bool read_late = false;
    for (size_t i = 0; i < aliases.size() && !read_late; ++i) {
      for (const Use& use : graph_->value(aliases[i]).uses) {
        if (use.input == 0 && view_offset(*graph_, graph_->node(use.node)))
          aliases.push_back(graph_->node(use.node).outputs[0]);
        else
          read_late = read_late || late[use.node];
      }
    }
    if (read_late) saved_.insert(direct.begin(), direct.end());
  }
}

void Placement::place(const std::vector<NodeId>& order) {
  places_.resize(graph_->value_count());
  for (NodeId id : order) {
    const Node& node = graph_->node(id);
    if (node.is("state_write")) {
      places_[node.outputs[0]] = {node.inputs[0], 0, id};
      continue;
    }
    const auto offset = is_leaf(node) || is_saved(id) ? std::nullopt : view_offset(*graph_, node);
    if (offset) {
      Place p = places_[node.inputs[0]];
      p.offset += *offset;
      places_[node.outputs[0]] = p;
      views_.insert(id);
      continue;
    }
    for (ValueId v : node.outputs) places_[v] = {v, 0, kNoNode};
  }
}

// Outputs are no views: the memory behind one belongs to the output, and what else lies in it becomes a view of it.
void Placement::claim_outputs() {
  owners_.resize(graph_->value_count());
  for (ValueId v = 0; v < owners_.size(); ++v) owners_[v] = v;
  const std::vector<GraphOutput>& outputs = graph_->outputs();
  owning_outputs_.assign(outputs.size(), false);
  std::set<ValueId> claimed;
  for (const bool want_root : {true, false}) {
    for (size_t i = 0; i < outputs.size(); ++i) {
      const ValueId v = outputs[i].value;
      const Place& p = places_[v];
      if (want_root != (p.root == v) || is_leaf(graph_->producer(p.root)) || claimed.count(p.root)) continue;
      if (p.offset != 0 || graph_->type(v).bytes() != graph_->type(p.root).bytes()) continue;
      claimed.insert(p.root);
      owners_[p.root] = v;
      owning_outputs_[i] = true;
    }
  }
}

}  // namespace rlx
