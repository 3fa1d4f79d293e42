// Which nodes only rename bytes: their result is a range of their first input in the same order.
#pragma once

#include <rlx/graph.hpp>

#include <optional>

namespace rlx {

// Byte offset of the node's output within input 0, or nothing when the node has to move data. Static shapes only.
std::optional<uint64_t> view_offset(const Graph& graph, const Node& node);

}  // namespace rlx
