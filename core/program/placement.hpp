// Which values of a graph share memory, before any tensor exists: views, states and their new values, and the outputs
// that may own the memory they are seen in.
#pragma once

#include <rlx/graph.hpp>

#include <map>
#include <set>
#include <vector>

namespace rlx {

struct Place {
  ValueId root = kNoValue;   // whose memory
  uint64_t offset = 0;       // bytes from the start of it
  NodeId version = kNoNode;  // in a state's memory: the state_write that has to have run
};

class Placement {
 public:
  // order: graph.order().
  static Result<Placement> make(const Graph& graph, const std::vector<NodeId>& order);

  const Place& of(ValueId value) const { return places_[value]; }
  // The value that stands for a root: the root itself, or the output that owns its memory.
  ValueId owner(ValueId root) const { return owners_[root]; }
  // True when output i is a tensor of its own already; else it needs a copy.
  bool owns_memory(size_t output) const { return owning_outputs_[output]; }
  // True for a node that renames bytes and vanishes.
  bool is_view(NodeId node) const { return views_.count(node) != 0; }
  // True for a node that renames bytes of a state which are overwritten before they are read: it becomes a copy.
  bool is_saved(NodeId node) const { return saved_.count(node) != 0; }
  // The state_write of a state, or kNoNode.
  NodeId write_of(ValueId state) const;

 private:
  explicit Placement(const Graph& graph) : graph_(&graph) {}
  Status find_writes(const std::vector<NodeId>& order);
  void save_late_reads();
  void place(const std::vector<NodeId>& order);
  void claim_outputs();

  const Graph* graph_;
  std::vector<Place> places_;
  std::vector<ValueId> owners_;
  std::vector<bool> owning_outputs_;
  std::set<NodeId> views_, saved_;
  std::map<ValueId, NodeId> writes_;
};

}  // namespace rlx
