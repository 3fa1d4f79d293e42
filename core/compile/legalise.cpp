// Native -> decomposition -> error. Asks the device about the whole graph, replaces what it refuses by smaller ops, and
// asks again, because a decomposition may itself hold ops that need one.

#include "compile/legalise.hpp"

#include <algorithm>
#include <map>

#include "status/format.hpp"

namespace rlx {
namespace {

// The deepest nesting in the op set is three (fused block, norm, primitives); more rounds than this mean a
// decomposition that loops.
constexpr int kMaxRounds = 16;

using OpKey = std::pair<std::string, Placement>;

struct Tally {
  std::map<OpKey, CompileReport::Op> ops;
  void add(std::string_view op, Placement placement, std::string_view reason) {
    CompileReport::Op& entry = ops[{std::string(op), placement}];
    entry.op = op;
    entry.placement = placement;
    ++entry.count;
    if (entry.reason.empty()) entry.reason = reason;
  }
};

Status decompose(Graph& g, NodeId id) {
  // A copy: adding nodes moves the graph's storage.
  const Node n = g.node(id);
  const NodeId first = static_cast<NodeId>(g.node_count());
  RLX_ASSIGN(std::vector<ValueId> outs, n.schema->decompose(g, n));
  for (NodeId made = first; made < g.node_count(); ++made)
    if (g.node(made).name.empty()) g.set_node_name(made, n.name);
  for (size_t i = 0; i < n.outputs.size(); ++i) {
    if (i >= outs.size() || g.type(outs[i]) != g.type(n.outputs[i]))
      return fail(Code::kInternal, "{} '{}': its decomposition gives another type", n.op(), n.name);
    g.replace_uses(n.outputs[i], outs[i]);
  }
  g.erase(id);
  return {};
}

tl::unexpected<Error> refusal(const Graph& g, const std::vector<const NodeSupport*>& refused,
                              const std::string& device) {
  std::string list;
  for (const NodeSupport* s : refused) {
    const Node& n = g.node(s->node);
    list += fmt::format("{}{}{}: {}", list.empty() ? "" : "; ", n.op(), n.name.empty() ? "" : " '" + n.name + "'",
                        s->reason.empty() ? "not supported" : s->reason);
  }
  return fail(Code::kUnimplemented, "device {} cannot run {} node{}: {}", device, refused.size(),
              refused.size() == 1 ? "" : "s", list);
}

Result<std::vector<NodeSupport>> ask(const Graph& g, const Target& target) {
  if (target.query) return target.query(g);
  std::vector<NodeSupport> all;
  for (NodeId id = 0; id < g.node_count(); ++id) {
    if (!g.node(id).erased() && !(g.node(id).schema->flags & kOpLeaf))
      all.push_back({id, NodeSupport::Level::kNative, {}});
  }
  return all;
}

}  // namespace

Status legalise(Graph& g, const Target& target, CompileReport& report) {
  Tally tally;
  for (const CompileReport::Op& earlier : report.ops)
    if (earlier.placement == Placement::kDecomposed) tally.ops[{earlier.op, earlier.placement}] = earlier;
  for (int round = 0; round < kMaxRounds; ++round) {
    RLX_ASSIGN(std::vector<NodeSupport> answers, ask(g, target));
    std::vector<const NodeSupport*> refused, stuck;
    for (const NodeSupport& a : answers) {
      if (a.node >= g.node_count() || g.node(a.node).erased())
        return fail(Code::kInternal, "device {} answered for node {}, which does not exist", target.device, a.node);
      if (a.level == NodeSupport::Level::kNo) (g.node(a.node).schema->decompose ? refused : stuck).push_back(&a);
    }
    if (!stuck.empty()) return refusal(g, stuck, target.device);
    if (refused.empty()) {
      for (const NodeSupport& a : answers)
        tally.add(g.node(a.node).op(), a.level == NodeSupport::Level::kSlow ? Placement::kSlow : Placement::kNative,
                  a.reason);
      report.ops.clear();
      for (auto& [key, op] : tally.ops) report.ops.push_back(std::move(op));
      return {};
    }
    for (const NodeSupport* a : refused) {
      tally.add(g.node(a->node).op(), Placement::kDecomposed, a->reason);
      RLX_TRY(decompose(g, a->node));
    }
  }
  return fail(Code::kInternal, "decomposition did not end after {} rounds", kMaxRounds);
}

}  // namespace rlx
