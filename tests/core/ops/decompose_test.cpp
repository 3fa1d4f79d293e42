// Decompositions over the conformance case list: each gives the types it replaces, each ends in primitives, and the
// graph stays sound. That the values agree is for tests/conformance to show.
#include "catch.hpp"
#include "conformance/case.hpp"

#include <set>

namespace {

struct Built {
  rlx::Graph graph;
  rlx::NodeId node = rlx::kNoNode;
};

rlx::Result<Built> build(const conformance::Case& c) {
  Built built;
  std::vector<rlx::ValueId> inputs;
  for (const conformance::Input& input : c.inputs) {
    if (!input.present) {
      inputs.push_back(rlx::kNoValue);
      continue;
    }
    RLX_ASSIGN(const rlx::ValueId id, built.graph.input("x" + std::to_string(inputs.size()), input.type));
    inputs.push_back(id);
  }
  std::vector<rlx::Graph> regions;
  if (c.body) regions.push_back(c.body());
  RLX_ASSIGN(built.node, built.graph.add_node(c.op, inputs, c.attrs, "it", c.outputs, std::move(regions)));
  return built;
}

// Replaces the node by its decomposition, checks it and returns the first new node.
rlx::NodeId decompose(rlx::Graph& graph, rlx::NodeId id) {
  const auto first = static_cast<rlx::NodeId>(graph.node_count());
  const std::vector<rlx::ValueId> before = graph.node(id).outputs;
  const auto after = graph.node(id).schema->decompose(graph, graph.node(id));
  INFO((after ? std::string() : after.error().message));
  REQUIRE(after);
  REQUIRE(after->size() == before.size());
  for (size_t i = 0; i < before.size(); ++i) {
    CHECK(rlx::to_string(graph.type((*after)[i])) == rlx::to_string(graph.type(before[i])));
    graph.replace_uses(before[i], (*after)[i]);
  }
  graph.erase(id);
  return first;
}

}  // namespace

TEST_CASE("every conformance case is a node that the schema accepts", "[ops]") {
  std::set<std::string> names;
  for (const conformance::Case& c : conformance::all_cases()) {
    INFO(c.name());
    CHECK(names.insert(c.name()).second);
    const auto built = build(c);
    INFO((built ? std::string() : built.error().message));
    CHECK(built);
  }
}

TEST_CASE("every op that computes has a conformance case", "[ops]") {
  std::set<std::string> covered = {"state_write"};  // needs two runs: tests/conformance/states_test.cpp
  for (const conformance::Case& c : conformance::all_cases()) covered.insert(c.op);
  for (const rlx::OpSchema* schema : rlx::all_ops()) {
    // Collectives need several ranks and no device: tests/core/runtime/group_test.cpp.
    if (schema->flags & (rlx::kOpLeaf | rlx::kOpCollective)) continue;
    INFO(schema->name);
    CHECK(covered.count(std::string(schema->name)) == 1);
  }
}

TEST_CASE("decompositions keep types and end in primitives", "[ops]") {
  size_t decomposed = 0;
  for (const conformance::Case& c : conformance::all_cases()) {
    INFO(c.name());
    auto built = build(c);
    REQUIRE(built);
    rlx::Graph& graph = built->graph;
    const std::vector<rlx::ValueId> results = graph.node(built->node).outputs;
    for (size_t i = 0; i < results.size(); ++i) REQUIRE(graph.add_output("y" + std::to_string(i), results[i]));
    for (rlx::NodeId id = built->node; id < graph.node_count(); ++id) {
      if (graph.node(id).erased() || !graph.node(id).schema->decompose) continue;
      decompose(graph, id);
      ++decomposed;
      REQUIRE(graph.node_count() < 5000);
    }
    const rlx::Status sound = rlx::verify(graph);
    INFO((sound ? std::string() : sound.error().message));
    CHECK(sound);
  }
  CHECK(decomposed > 0);
}
