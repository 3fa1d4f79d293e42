// Removes nodes whose outputs nobody needs. Inputs, parameters and states are the interface of the program and stay
// even when unused; so does every state_write.

#include "compile/pass.hpp"

namespace rlx {

Result<size_t> eliminate_dead(Graph& g, PassContext&) {
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t removed = 0;
  for (size_t i = order.size(); i-- > 0;) {
    const Node& n = g.node(order[i]);
    if (n.is("input") || n.is("param") || n.is("state") || (n.schema->flags & kOpSideEffect)) continue;
    bool dead = true;
    for (ValueId v : n.outputs) dead &= g.value(v).uses.empty() && !g.is_output(v);
    if (!dead) continue;
    g.erase(order[i]);
    ++removed;
  }
  return removed;
}

}  // namespace rlx
