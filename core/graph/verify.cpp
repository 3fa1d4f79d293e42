// What building a graph cannot see and rewriting can break.

#include <rlx/graph.hpp>

#include <algorithm>
#include <set>

#include "graph/check.hpp"
#include "status/format.hpp"

namespace rlx {
namespace {

Status check_links(const Graph& g) {
  for (NodeId id = 0; id < g.node_count(); ++id) {
    const Node& n = g.node(id);
    if (n.erased()) continue;
    for (uint32_t i = 0; i < n.inputs.size(); ++i) {
      const ValueId v = n.inputs[i];
      if (v == kNoValue) continue;
      if (v >= g.value_count() || g.producer(v).erased())
        return fail(Code::kInvalidArgument, "{} '{}': input {} does not exist", n.op(), n.name, i);
      const auto& uses = g.value(v).uses;
      if (std::count(uses.begin(), uses.end(), Use{id, i}) != 1)
        return fail(Code::kInternal, "{} '{}': input {} is not in its value's list of uses", n.op(), n.name, i);
    }
    for (uint32_t i = 0; i < n.outputs.size(); ++i) {
      const Value& v = g.value(n.outputs[i]);
      if (v.producer != id || v.index != i)
        return fail(Code::kInternal, "{} '{}': output {} names another producer", n.op(), n.name, i);
      for (const Use& use : v.uses) {
        const bool good = use.node < g.node_count() && !g.node(use.node).erased() &&
                          use.input < g.node(use.node).inputs.size() &&
                          g.node(use.node).inputs[use.input] == n.outputs[i];
        if (!good) return fail(Code::kInternal, "{} '{}': output {} lists a use that is none", n.op(), n.name, i);
      }
    }
  }
  return {};
}

Status check_types(const Graph& g, NodeId id) {
  const Node& n = g.node(id);
  if (n.schema->flags & kOpLeaf) return {};
  Attrs attrs = n.attrs;
  RLX_ASSIGN(std::vector<TensorType> types,
             check_node(g, *n.schema, n.inputs, attrs, n.regions, n.outputs.size(), n.name));
  if (types.size() != n.outputs.size())
    return fail(Code::kInternal, "{} '{}': {} outputs, inference gives {}", n.op(), n.name, n.outputs.size(),
                types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i] != g.type(n.outputs[i]))
      return fail(Code::kInvalidArgument, "{} '{}': output {} is {}, inference gives {}", n.op(), n.name, i,
                  to_string(g.type(n.outputs[i]), g.symbols()), to_string(types[i], g.symbols()));
  }
  for (const Graph& region : n.regions) RLX_TRY(verify(region));
  return {};
}

}  // namespace

Status verify(const Graph& g) {
  RLX_TRY(check_links(g));
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  std::set<ValueId> written;
  for (NodeId id : order) {
    RLX_TRY(check_types(g, id));
    const Node& n = g.node(id);
    if (n.is("state_write") && !written.insert(n.inputs[0]).second)
      return fail(Code::kInvalidArgument, "state_write '{}': the state is written twice", n.name);
  }
  for (const GraphOutput& o : g.outputs()) {
    if (o.value >= g.value_count() || g.producer(o.value).erased())
      return fail(Code::kInvalidArgument, "output '{}': its value does not exist", o.name);
  }
  for (ValueId v : g.inputs()) {
    if (!g.producer(v).is("input")) return fail(Code::kInternal, "the list of inputs holds a value that is none");
  }
  return {};
}

}  // namespace rlx
