// Elementwise regions: straight-line groups of elementwise ops over one shape become one node whose body a plugin turns
// into one kernel.
//
// A region grows upwards from its last node: a producer joins when all its uses lie inside. So nothing is computed
// twice, a region has one output, and no path can leave it and come back: no cycles.

#include <algorithm>
#include <set>

#include "compile/match.hpp"
#include "compile/pass.hpp"

namespace rlx {
namespace {

class Region {
 public:
  Region(const Graph& g, NodeId root, const PassContext& context)
      : g_(g), context_(context), max_inputs_(context.options.max_region_inputs) {
    members_.insert(root);
    while (grow()) {
    }
  }

  const std::set<NodeId>& members() const { return members_; }

  // What the members read from outside, each once.
  std::vector<ValueId> inputs() const {
    std::vector<ValueId> in;
    for (NodeId id : members_)
      for (ValueId v : g_.node(id).inputs)
        if (!inside(v) && std::find(in.begin(), in.end(), v) == in.end()) in.push_back(v);
    return in;
  }

 private:
  bool inside(ValueId v) const { return members_.contains(g_.value(v).producer); }

  bool can_join(NodeId id) const;

  bool grow() {
    for (NodeId id : members_) {
      for (ValueId v : g_.node(id).inputs) {
        const NodeId p = g_.value(v).producer;
        if (members_.contains(p) || !can_join(p)) continue;
        members_.insert(p);
        if (inputs().size() <= max_inputs_) return true;
        members_.erase(p);
      }
    }
    return false;
  }

  const Graph& g_;
  const PassContext& context_;
  uint32_t max_inputs_;
  std::set<NodeId> members_;
};

bool is_step(const Graph& g, const Node& n) {
  if (n.erased() || !(n.schema->flags & kOpElementwise) || n.outputs.size() != 1) return false;
  if (n.is("clamp") && n.inputs.size() > 1) return false;
  // Whoever reads a state's old value must stay free to run before the write, and a region could tie it to what
  // follows.
  for (const ValueId v : n.inputs)
    if (g.producer(v).is("state")) return false;
  return g.dtype(n.outputs[0]) != DType::kC64 && (n.inputs.empty() || g.dtype(n.inputs[0]) != DType::kC64);
}

bool Region::can_join(NodeId id) const {
  const Node& n = g_.node(id);
  if (!is_step(g_, n) || context_.is_moved(id)) return false;
  const ValueId out = n.outputs[0];
  if (g_.is_output(out) || g_.shape(out) != g_.shape(g_.node(*members_.rbegin()).outputs[0])) return false;
  return std::all_of(g_.value(out).uses.begin(), g_.value(out).uses.end(),
                     [&](const Use& use) { return members_.contains(use.node); });
}

Result<Graph> body_of(const Graph& g, const std::vector<NodeId>& order, const std::set<NodeId>& members,
                      const std::vector<ValueId>& inputs, ValueId result) {
  Graph body("body");
  std::vector<ValueId> map(g.value_count(), kNoValue);
  for (size_t i = 0; i < inputs.size(); ++i) {
    RLX_ASSIGN(map[inputs[i]], body.input("x" + std::to_string(i), g.type(inputs[i])));
  }
  for (NodeId id : order) {
    if (!members.contains(id)) continue;
    const Node& n = g.node(id);
    std::vector<ValueId> in;
    for (ValueId v : n.inputs) in.push_back(map[v]);
    RLX_ASSIGN(map[n.outputs[0]], body.add(n.op(), in, n.attrs, n.name));
  }
  RLX_TRY(body.add_output("y", map[result]));
  return body;
}

}  // namespace

Result<size_t> fuse_elementwise(Graph& g, PassContext& context) {
  if (!context.supports("fused_elementwise")) return size_t{0};
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t changes = 0;
  std::set<NodeId> taken;
  for (size_t i = order.size(); i-- > 0;) {
    const NodeId root = order[i];
    if (taken.contains(root) || !is_step(g, g.node(root)) || context.is_moved(root)) continue;
    const Region region(g, root, context);
    const std::vector<ValueId> inputs = region.inputs();
    if (region.members().size() < 2 || inputs.empty()) continue;
    const ValueId result = g.node(root).outputs[0];
    auto body = body_of(g, order, region.members(), inputs, result);
    RLX_TRY(body);
    std::vector<Graph> regions;
    regions.push_back(std::move(*body));
    RLX_ASSIGN(NodeId fused, g.add_node("fused_elementwise", inputs, {}, g.node(root).name, 1, std::move(regions)));
    g.replace_uses(result, g.node(fused).outputs[0]);
    taken.insert(region.members().begin(), region.members().end());
    context.fused("elementwise region");
    ++changes;
  }
  return changes;
}

}  // namespace rlx
