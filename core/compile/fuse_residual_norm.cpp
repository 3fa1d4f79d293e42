// A norm of a sum of two equal shapes becomes one op that writes both the norm and the sum: the sum is read once
// instead of twice.

#include "compile/match.hpp"
#include "compile/pass.hpp"

#include <algorithm>

namespace rlx {

Result<size_t> fuse_residual_norm(Graph& g, PassContext& context) {
  if (!context.supports("fused_residual_norm")) return size_t{0};
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t changes = 0;
  for (NodeId id : order) {
    const Node n = g.node(id);
    if (!n.is("layer_norm") && !n.is("rms_norm")) continue;
    const Node* add = made_by(g, n.inputs[0], "binary", "add");
    if (add == nullptr || g.type(add->inputs[0]) != g.type(add->inputs[1])) {
      if (add != nullptr) context.missed("residual norm", "the summands differ in shape");
      continue;
    }
    // A scale that is computed might come from the sum itself.
    if (!std::all_of(n.inputs.begin() + 1, n.inputs.end(),
                     [&g](ValueId v) { return v == kNoValue || is_weight(g, v); })) {
      context.missed("residual norm", "scale or shift are computed");
      continue;
    }
    const ValueId sum = n.inputs[0];
    std::vector<ValueId> inputs{add->inputs[0], add->inputs[1]};
    for (size_t i = 1; i < n.inputs.size(); ++i) inputs.push_back(n.inputs[i]);
    const std::string kind = n.is("layer_norm") ? "layer" : "rms";
    RLX_ASSIGN(NodeId fused,
               g.add_node("fused_residual_norm", inputs,
                          {{"kind", kind}, {"axis", n.attrs.i("axis")}, {"eps", n.attrs.f("eps")}}, n.name, 2));
    const std::vector<ValueId> outs = g.node(fused).outputs;
    const NodeId adder = g.value(sum).producer;
    g.replace_uses(n.outputs[0], outs[0]);
    g.erase(id);
    g.replace_uses(sum, outs[1]);
    g.erase(adder);
    context.fused("residual norm");
    ++changes;
  }
  return changes;
}

}  // namespace rlx
