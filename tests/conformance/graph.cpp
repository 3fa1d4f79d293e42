// The graphs of a case: the op itself, and what it decomposes into.
#include "run.hpp"

namespace conformance {
namespace {

struct Built {
  rlx::Graph graph;
  rlx::NodeId node = rlx::kNoNode;
};

rlx::Result<Built> build(const Case& c) {
  Built built;
  built.graph.set_name(c.op);
  std::vector<rlx::ValueId> inputs;
  for (const Input& input : c.inputs) {
    if (!input.present) {
      inputs.push_back(rlx::kNoValue);
      continue;
    }
    RLX_ASSIGN(const rlx::ValueId id, built.graph.input("x" + std::to_string(inputs.size()), input.type));
    inputs.push_back(id);
  }
  std::vector<rlx::Graph> regions;
  if (c.body) regions.push_back(c.body());
  RLX_ASSIGN(built.node, built.graph.add_node(c.op, inputs, c.attrs, c.op, c.outputs, std::move(regions)));
  const std::vector<rlx::ValueId> outputs = built.graph.node(built.node).outputs;
  for (size_t i = 0; i < outputs.size(); ++i) RLX_TRY(built.graph.add_output("y" + std::to_string(i), outputs[i]));
  return built;
}

}  // namespace

rlx::Result<rlx::Graph> one_node_graph(const Case& c) {
  RLX_ASSIGN(Built built, build(c));
  return std::move(built.graph);
}

rlx::Result<std::optional<rlx::Graph>> primitive_graph(const Case& c) {
  RLX_ASSIGN(Built built, build(c));
  rlx::Graph& graph = built.graph;
  if (!graph.node(built.node).schema->decompose) return std::optional<rlx::Graph>();
  for (rlx::NodeId id = built.node; id < graph.node_count(); ++id) {
    if (graph.node(id).erased() || !graph.node(id).schema->decompose) continue;
    const std::vector<rlx::ValueId> before = graph.node(id).outputs;
    RLX_ASSIGN(const std::vector<rlx::ValueId> after, graph.node(id).schema->decompose(graph, graph.node(id)));
    for (size_t i = 0; i < before.size(); ++i) graph.replace_uses(before[i], after[i]);
    graph.erase(id);
  }
  return std::optional<rlx::Graph>(std::move(graph));
}

}  // namespace conformance
