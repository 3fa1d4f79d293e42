// silu(half of x) * other half of x, the halves cut from one tensor along its last axis.

#include "compile/match.hpp"
#include "compile/pass.hpp"

namespace rlx {
namespace {

// The half (0 or 1) of `x` along the last axis that v is; -1 when it is none.
int half_of(const Graph& g, ValueId v, ValueId* x) {
  const Node* n = made_by(g, v, "narrow");
  if (n == nullptr) return -1;
  const Shape& s = g.shape(n->inputs[0]);
  const int64_t last = static_cast<int64_t>(s.rank()) - 1, len = n->attrs.i("len"), start = n->attrs.i("start");
  if (n->attrs.i("axis") != last || 2 * len != s[static_cast<size_t>(last)] || (start != 0 && start != len)) return -1;
  *x = n->inputs[0];
  return start == 0 ? 0 : 1;
}

}  // namespace

Result<size_t> fuse_swiglu(Graph& g, PassContext& context) {
  if (!context.supports("fused_swiglu")) return size_t{0};
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t changes = 0;
  for (NodeId id : order) {
    const Node& n = g.node(id);
    if (!n.is("binary") || n.attrs.str("kind") != "mul") continue;
    for (size_t i = 0; i < 2; ++i) {
      const Node* silu = made_by(g, n.inputs[i], "unary", "silu");
      ValueId a = kNoValue, b = kNoValue;
      const int gate = silu != nullptr ? half_of(g, silu->inputs[0], &a) : -1;
      const int up = half_of(g, n.inputs[1 - i], &b);
      if (gate < 0 || up < 0 || gate == up || a != b) continue;
      const ValueId old = n.outputs[0];
      RLX_ASSIGN(ValueId y, g.add("fused_swiglu", {a}, {{"gate_first", int64_t{gate == 0}}}, n.name));
      g.replace_uses(old, y);
      context.fused("swiglu");
      ++changes;
      break;
    }
  }
  return changes;
}

}  // namespace rlx
