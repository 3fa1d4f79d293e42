// Cuts an assigned graph into segments: groups of nodes that one device runs in one go, in an order in which no segment
// needs a later one.
#pragma once

#include <rlx/graph.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace rlx {

// Values as segments see them. A node that only renames all bytes of its input is no work: it is repeated wherever its
// result is needed, and what is carried between devices is the value behind it. (Not so for the memory of a state,
// whose bytes change during a run.)
class SharedViews {
 public:
  SharedViews(const Graph& graph, const std::vector<NodeId>& order);
  bool is_view(NodeId node) const { return views_[node]; }
  // The value that holds the bytes of v.
  ValueId root(ValueId v) const;

 private:
  const Graph& graph_;
  std::vector<bool> views_;
};

// devices: of each node (Assigned). Each segment takes all the nodes of its device that can run by then, so segments
// are as few as a greedy order makes them: for two devices, as few as possible. What nobody reads before a later
// segment of the device then goes there, where that carries fewer bytes. order: graph.order().
struct NodeSegment {
  uint32_t device;
  std::vector<NodeId> nodes;  // in the order in which they can run
};
std::vector<NodeSegment> find_segments(const Graph& graph, const std::vector<NodeId>& order, const SharedViews& views,
                                       std::span<const uint32_t> devices);

}  // namespace rlx
