// What the tests of the passes share: graphs written as text, compiled for a target that knows every fused op, and
// computed by the reference plugin before and after.
#pragma once

#include "catch.hpp"

#include "compile/compiler.hpp"

#include <rlx/graph.hpp>

#include <string>
#include <string_view>

namespace tests {

// Fails the test with the parser's message when the text is wrong.
rlx::Graph graph_of(std::string_view text);

// Compiles without an evaluator, so that nothing is folded, for a target that runs and fuses everything.
rlx::Graph optimised(const rlx::Graph& graph, rlx::CompileReport* report = nullptr);

// How many nodes of an op are there, regions not counted?
size_t count(const rlx::Graph& graph, std::string_view op);
// The only node of an op; fails the test when there is none or several.
const rlx::Node& only(const rlx::Graph& graph, std::string_view op);
// Done and missed of a fusion in the report.
size_t fused(const rlx::CompileReport& report, std::string_view pattern);

// Both graphs give the same outputs for the same random inputs and parameters, within `tolerance` of the larger of 1
// and the value. Skips the test when there is no reference plugin.
void check_same_results(const rlx::Graph& before, const rlx::Graph& after, double tolerance = 1e-5);

// The graph compiles, still verifies, and computes the same; returns the compiled one.
rlx::Graph check_optimised(std::string_view text, rlx::CompileReport* report = nullptr);

}  // namespace tests
