// matmul by a known matrix [+ bias] [+ activation] -> linear. The weight must be a constant or a parameter, so that a
// plugin can pack it once. A linear that has no bias or activation yet takes them up as well.

#include "compile/match.hpp"
#include "compile/pass.hpp"

namespace rlx {
namespace {

bool is_candidate(const Graph& g, const Node& n) {
  if (n.is("linear")) return n.attrs.str("activation") == "none" && is_float(g.dtype(n.inputs[0]));
  return n.is("matmul") && !n.attrs.flag("trans_a") && is_weight(g, n.inputs[1]) && g.shape(n.inputs[1]).rank() == 2 &&
         g.shape(n.inputs[0]).rank() >= 2 && is_float(g.dtype(n.inputs[0]));
}

// v as a bias [n]: it adds along the last axis only.
Result<ValueId> as_bias(Graph& g, ValueId v, int64_t n) {
  const Shape s = g.shape(v);
  if (s.rank() == 0 || s[s.rank() - 1] != n || s.elements() != n) return kNoValue;
  if (s.rank() == 1) return v;
  return g.add("reshape", {v}, {{"shape", std::vector<int64_t>{n}}});
}

// The bias that the only user of y adds, and that user's output; kNoValue twice when there is none.
Result<std::pair<ValueId, ValueId>> bias_after(Graph& g, ValueId y) {
  const std::pair<ValueId, ValueId> none{kNoValue, kNoValue};
  const Node* add = sole_user(g, y);
  if (add == nullptr || !add->is("binary") || add->attrs.str("kind") != "add") return none;
  const ValueId other = other_operand(*add, y), sum = add->outputs[0];
  if (other == kNoValue || g.type(sum) != g.type(y)) return none;
  const Shape& s = g.shape(y);
  RLX_ASSIGN(ValueId bias, as_bias(g, other, s[s.rank() - 1]));
  return bias == kNoValue ? none : std::pair{bias, sum};
}

}  // namespace

Result<size_t> fuse_linear(Graph& g, PassContext& context) {
  if (!context.supports("linear")) return size_t{0};
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t changes = 0;
  for (NodeId id : order) {
    if (!is_candidate(g, g.node(id))) continue;
    const Node n = g.node(id);
    std::vector<ValueId> inputs = n.inputs;
    ValueId end = n.outputs[0];
    if (inputs.size() == 2) {
      RLX_ASSIGN(auto bias, bias_after(g, end));
      if (bias.first != kNoValue) {
        inputs.push_back(bias.first);
        end = bias.second;
      } else if (!sole_use(g, end)) {
        context.missed("linear bias", "the product has several users");
      }
    }
    Attrs attrs = n.is("linear") ? n.attrs : Attrs{{"w_layout", std::string(n.attrs.flag("trans_b") ? "nk" : "kn")}};
    if (const Node* act = sole_user(g, end);
        act != nullptr && is_activation(*act) && g.type(act->outputs[0]) == g.type(end)) {
      copy_activation(*act, attrs);
      end = act->outputs[0];
      context.fused("linear activation");
    }
    if (n.is("linear") && end == n.outputs[0]) continue;
    RLX_ASSIGN(ValueId y, g.add("linear", inputs, std::move(attrs), n.name));
    g.replace_uses(end, y);
    context.fused("linear");
    ++changes;
  }
  return changes;
}

}  // namespace rlx
