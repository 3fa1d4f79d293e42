// The compiler asks about graphs, devices answer about programs: lower, ask, and map the answers back.
#include "runtime/target.hpp"

#include "program/lower.hpp"
#include "runtime/build.hpp"

#include <map>
#include <mutex>
#include <string>

namespace rlx {
namespace {

NodeSupport::Level level_of(uint32_t level) {
  if (level == RLX_SUPPORT_NATIVE) return NodeSupport::Level::kNative;
  return level == RLX_SUPPORT_SLOW ? NodeSupport::Level::kSlow : NodeSupport::Level::kNo;
}

Result<std::vector<NodeSupport>> query_graph(const DeviceImpl& device, const Graph& graph) {
  RLX_ASSIGN(const Lowered lowered, lower(graph));
  RLX_ASSIGN(const Support support, query_support(device, lowered.program));
  std::vector<NodeSupport> answers;
  std::vector<bool> answered(graph.node_count());
  for (size_t i = 0; i < lowered.sources.size(); ++i) {
    const NodeId node = lowered.sources[i];
    if (node == kNoNode) continue;
    answers.push_back({node, level_of(support.nodes[i].level), support.reasons[i]});
    answered[node] = true;
  }
  // What became a view runs nowhere.
  for (NodeId id = 0; id < graph.node_count(); ++id) {
    const Node& node = graph.node(id);
    if (!node.erased() && !answered[id] && !(node.schema->flags & kOpLeaf))
      answers.push_back({id, NodeSupport::Level::kNative, {}});
  }
  return answers;
}

bool has_kernel(const DeviceImpl& device, std::string_view op) {
  const Result<Graph> graph = probe_graph(op);
  if (!graph) return false;
  const Result<std::vector<NodeSupport>> answers = query_graph(device, *graph);
  if (!answers) return false;
  for (const NodeSupport& a : *answers)
    if (graph->node(a.node).is(op)) return a.level == NodeSupport::Level::kNative;
  return false;
}

TensorType f32(const Shape& shape) {
  return {DType::kF32, shape};
}

Result<Graph> relu_body() {
  Graph body;
  RLX_ASSIGN(const ValueId x, body.input("x", f32({4, 4})));
  RLX_ASSIGN(const ValueId y, body.add("unary", {x}, {{"kind", std::string("relu")}}));
  RLX_TRY(body.add_output("y", y));
  return body;
}

}  // namespace

Result<Graph> probe_graph(std::string_view op) {
  struct Probe {
    std::vector<Shape> inputs;
    Attrs attrs;
  };
  const auto text = [](const char* s) { return AttrValue(std::string(s)); };
  const auto number = [](int64_t n) { return AttrValue(n); };
  static const std::map<std::string_view, Probe> probes = {
      {"attention",
       {{{1, 1, 4, 4}, {1, 1, 4, 4}, {1, 1, 4, 4}},
        {{"layout", text("bhsd")}, {"heads", number(1)}, {"kv_heads", number(1)}, {"head_dim", number(4)}}}},
      {"fused_conv_bias_act", {{{1, 4, 4, 4}, {4, 4, 3, 3}, {4}}, {{"activation", text("relu")}}}},
      {"fused_elementwise", {{{4, 4}}, {}}},
      {"fused_residual_norm", {{{4, 4}, {4, 4}, {4}}, {{"kind", text("rms")}, {"eps", AttrValue(1e-6)}}}},
      {"fused_swiglu", {{{4, 8}}, {}}},
      {"layer_norm", {{{4, 4}, {4}, {4}}, {}}},
      {"linear", {{{4, 4}, {4, 4}, {4}}, {{"w_layout", text("kn")}, {"activation", text("relu")}}}},
      {"rms_norm", {{{4, 4}, {4}}, {}}},
  };
  const auto probe = probes.find(op);
  if (probe == probes.end()) return error(Code::kNotFound, "no fusion makes '" + std::string(op) + "'");
  Graph g("probe");
  std::vector<ValueId> inputs;
  for (const Shape& shape : probe->second.inputs) {
    RLX_ASSIGN(const ValueId v, g.input(std::to_string(inputs.size()), f32(shape)));
    inputs.push_back(v);
  }
  std::vector<Graph> regions;
  if (op == "fused_elementwise") {
    RLX_ASSIGN(Graph body, relu_body());
    regions.push_back(std::move(body));
  }
  RLX_ASSIGN(const NodeId node, g.add_node(op, inputs, probe->second.attrs, {}, 0, std::move(regions)));
  for (ValueId v : g.node(node).outputs) RLX_TRY(g.add_output("y" + std::to_string(v), v));
  return g;
}

Target make_target(const Device& device, Evaluator evaluate) {
  Target target;
  target.device = device.id();
  target.query = [device](const Graph& graph) { return query_graph(*device.impl(), graph); };
  // Passes ask for each match; the device is asked once.
  struct Known {
    std::mutex mutex;
    std::map<std::string, bool, std::less<>> ops;
  };
  target.supports_op = [device, known = std::make_shared<Known>()](std::string_view op) {
    std::lock_guard lock(known->mutex);
    const auto it = known->ops.find(op);
    if (it != known->ops.end()) return it->second;
    return known->ops.emplace(op, has_kernel(*device.impl(), op)).first->second;
  };
  target.evaluate = std::move(evaluate);
  return target;
}

}  // namespace rlx
