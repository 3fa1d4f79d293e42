// Builds the one-node graph of a case, makes its data and runs it on a device through the public API.
#pragma once

#include "case.hpp"

#include <rlx/rlx.hpp>

#include <memory>

namespace conformance {

// The case's op between inputs x0, x1, … and outputs y0, y1, …
rlx::Result<rlx::Graph> one_node_graph(const Case& c);
// The same with every node replaced by its decomposition until only primitives are left. Nothing when the op is one.
rlx::Result<std::optional<rlx::Graph>> primitive_graph(const Case& c);

// Present inputs in order. The same for the same name and seed on every machine.
rlx::Result<std::vector<rlx::Tensor>> make_inputs(const Case& c, uint32_t seed);

// Compiles without folding and fusion, so that the device runs the ops that the graph has.
rlx::Result<std::vector<rlx::Tensor>> run(const std::shared_ptr<rlx::Registry>& registry, const rlx::Device& device,
                                          rlx::Graph graph, const std::vector<rlx::Tensor>& inputs);

// Empty when the results agree; else where and by how much the first elements differ.
std::string difference(const Case& c, const std::vector<rlx::Tensor>& actual, const std::vector<rlx::Tensor>& expected);

}  // namespace conformance
