// Fused blocks back into their parts.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

namespace rlx::ops {

// Runs the body's steps on the node's own inputs. An output that depends on few inputs is expanded at the end.
Result<Values> decompose_fused_elementwise(Graph& graph, const Node& node) {
  const Graph body = node.regions[0];
  Emit e(graph, node);
  RLX_ASSIGN(const std::vector<NodeId> order, body.order());
  Values outer(body.value_count(), kNoValue);
  for (size_t i = 0; i < body.inputs().size(); ++i) outer[body.inputs()[i]] = e.in(i);
  for (const NodeId id : order) {
    const Node& step = body.node(id);
    if (step.is("input")) continue;
    Values inputs;
    for (const ValueId input : step.inputs) inputs.push_back(input == kNoValue ? kNoValue : outer[input]);
    outer[step.outputs[0]] = e.op(step.op(), inputs, step.attrs);
  }
  Values results;
  for (size_t i = 0; i < body.outputs().size(); ++i)
    results.push_back(e.expand(outer[body.outputs()[i].value], e.result_types()[i].shape.dims()));
  return e.done(std::move(results));
}

Result<Values> decompose_residual_norm(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId sum = e.add(e.in(0), e.in(1));
  const std::string_view norm = e.attrs().str("kind") == "rms" ? "rms_norm" : "layer_norm";
  const ValueId y = e.op(norm, {sum, e.in(2), e.in(3)}, {{"axis", e.attrs().i("axis")}, {"eps", e.attrs().f("eps")}});
  return e.done({y, sum});
}

Result<Values> decompose_swiglu(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId x = e.widen(e.in(0));
  const size_t axis = e.shape(x).rank() - 1;
  const int64_t width = e.shape(x)[axis] / 2;
  const ValueId first = e.slice(x, axis, 0, width), second = e.slice(x, axis, width, 2 * width);
  const bool gate_first = e.attrs().flag("gate_first");
  const ValueId y = e.mul(e.unary("silu", gate_first ? first : second), gate_first ? second : first);
  return e.done({e.cast(y, e.dtype(e.in(0)))});
}

}  // namespace rlx::ops
