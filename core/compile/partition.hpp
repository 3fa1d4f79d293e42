// An assigned graph as graphs of their own, one per segment, and the values that are carried between them.
#pragma once

#include <rlx/graph.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace rlx {

inline constexpr uint32_t kNoSegment = UINT32_MAX;

// An input or output of a segment's graph, by position.
struct SegmentPort {
  uint32_t segment = kNoSegment;
  uint32_t index = 0;
};

// One value outside of the devices: an input or output of the whole graph, or what one segment makes and others read.
struct Wire {
  TensorType type;
  SegmentPort source;              // the output that makes it; none: the caller gives it, or a state holds it
  std::vector<SegmentPort> sinks;  // the inputs that read it
  std::string state;               // the sinks read the value that this state has before the run
};

struct Partition {
  struct Segment {
    uint32_t device;
    // Inputs and outputs are wires; parameters and states have the names that they have in the whole graph. A parameter
    // or constant is in each segment that reads it, a state in one.
    Graph graph;
  };
  std::vector<Segment> segments;  // in the order in which they run
  std::vector<Wire> wires;
  std::vector<uint32_t> inputs, outputs;       // wires of the whole graph's inputs and outputs
  std::map<std::string, uint32_t> state_home;  // the segment that a state lives in
};

// devices: of each node (Assigned). Errors: those of graph.order().
Result<Partition> make_partition(const Graph& graph, std::span<const uint32_t> devices);

}  // namespace rlx
