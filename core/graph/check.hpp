// What every new node passes: arity, attributes against the schema, inference.
#pragma once

#include <rlx/graph.hpp>

namespace rlx {

// Fills attribute defaults into attrs and returns the output types. Errors begin with the op's name, and the node's
// when it has one.
Result<std::vector<TensorType>> check_node(const Graph& graph, const OpSchema& schema, std::span<const ValueId> inputs,
                                           Attrs& attrs, std::span<const Graph> regions, size_t output_count,
                                           std::string_view name);

}  // namespace rlx
