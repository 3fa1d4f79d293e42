// What each device says about each node of one graph. A device is asked when its answer is needed first, so that those
// that are not needed cost nothing.
#pragma once

#include "compile/compiler.hpp"

#include <optional>

namespace rlx {

class Claims {
 public:
  // Both are borrowed. first: what of(0) returned for this graph before, so that it is not asked again.
  Claims(const Graph& graph, std::span<const Target> targets, std::vector<NodeSupport> first = {});

  size_t device_count() const { return targets_.size(); }
  const Target& target(uint32_t device) const { return targets_[device]; }
  // One answer per node id; leaves and erased nodes have kNoNode as their node. INTERNAL for an answer about a node
  // that does not exist.
  Result<std::span<const NodeSupport>> of(uint32_t device);
  // The first device, from `first` on, that runs all the nodes; kNoDevice when there is none.
  Result<uint32_t> first_for(std::span<const NodeId> nodes, uint32_t first);

 private:
  const Graph& graph_;
  std::span<const Target> targets_;
  std::vector<std::optional<std::vector<NodeSupport>>> answers_;
};

}  // namespace rlx
