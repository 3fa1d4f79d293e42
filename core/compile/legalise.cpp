// Native -> decomposition -> another device -> error. Asks the device about the whole graph, replaces what it refuses
// by smaller ops, and asks again, because a decomposition may itself hold ops that need one.

#include "compile/legalise.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "compile/assign.hpp"
#include "status/format.hpp"

namespace rlx {
namespace {

using Level = NodeSupport::Level;

// The deepest nesting in the op set is three (fused block, norm, primitives); more rounds than this mean a
// decomposition that loops.
constexpr int kMaxRounds = 16;

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

// A graph in which everything that the first target refuses was taken apart as far as it goes.
struct Expansion {
  Graph graph;
  std::vector<NodeId> origin;  // of each node: the node it was made from, or itself
  std::vector<NodeId> stuck;   // refused, and not to be taken apart
  std::vector<NodeSupport> answers;
  std::map<std::string, CompileReport::Op, std::less<>> decomposed;

  Status replace(NodeId id, const std::string& reason) {
    const std::string op(graph.node(id).op());
    CompileReport::Op& entry = decomposed[op];
    entry.op = op;
    entry.placement = Placement::kDecomposed;
    ++entry.count;
    if (entry.reason.empty()) entry.reason = reason;
    const NodeId from = origin[id];
    RLX_TRY(decompose(graph, id));
    origin.resize(graph.node_count(), from);
    return {};
  }
};

Result<Expansion> expand(const Graph& g, std::span<const Target> targets, const std::set<NodeId>& whole) {
  Expansion e;
  e.graph = g;
  for (NodeId id = 0; id < g.node_count(); ++id) e.origin.push_back(id);
  for (int round = 0; round < kMaxRounds; ++round) {
    Claims claims(e.graph, targets.first(1));
    RLX_ASSIGN(const std::span<const NodeSupport> answers, claims.of(0));
    std::vector<NodeId> refused;
    e.stuck.clear();
    for (const NodeSupport& a : answers) {
      if (a.node == kNoNode || a.level != Level::kNo) continue;
      const bool can_split = e.graph.node(a.node).schema->decompose && !whole.contains(a.node);
      (can_split ? refused : e.stuck).push_back(a.node);
    }
    if (refused.empty()) {
      e.answers.assign(answers.begin(), answers.end());
      return e;
    }
    for (NodeId id : refused) RLX_TRY(e.replace(id, answers[id].reason));
  }
  return fail(Code::kInternal, "decomposition did not end after {} rounds", kMaxRounds);
}

// A piece that cannot run on the first target would tear a decomposition apart: such nodes stay whole if another target
// runs them.
Status keep_whole(Claims& claims, const Expansion& e, std::set<NodeId>& whole) {
  for (NodeId id : e.stuck) {
    const NodeId from = e.origin[id];
    if (from == id) continue;
    RLX_ASSIGN(const uint32_t device, claims.first_for({&from, 1}, 1));
    if (device != kNoDevice) whole.insert(from);
  }
  return {};
}

}  // namespace

Result<std::vector<uint32_t>> legalise(Graph& g, std::span<const Target> targets, CompileReport& report) {
  Claims claims(g, targets);
  std::set<NodeId> whole;
  for (;;) {
    RLX_ASSIGN(Expansion e, expand(g, targets, whole));
    const size_t before = whole.size();
    if (targets.size() > 1) RLX_TRY(keep_whole(claims, e, whole));
    if (whole.size() != before) continue;
    std::vector<CompileReport::Op> ops;
    for (CompileReport::Op& earlier : report.ops) {
      if (earlier.placement != Placement::kDecomposed) continue;
      const auto again = e.decomposed.find(earlier.op);
      if (again != e.decomposed.end()) {
        earlier.count += again->second.count;
        e.decomposed.erase(again);
      }
      ops.push_back(std::move(earlier));
    }
    for (auto& [name, op] : e.decomposed) ops.push_back(std::move(op));
    report.ops = std::move(ops);
    g = std::move(e.graph);
    Claims placed(g, targets, std::move(e.answers));
    return assign_devices(g, placed, report);
  }
}

}  // namespace rlx
