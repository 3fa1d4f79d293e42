#include "compile/claims.hpp"

#include "status/format.hpp"

#include <algorithm>

namespace rlx {
namespace {

Result<std::vector<NodeSupport>> ask(const Graph& g, const Target& target) {
  if (target.query) return target.query(g);
  std::vector<NodeSupport> all;
  for (NodeId id = 0; id < g.node_count(); ++id)
    if (!g.node(id).erased() && !(g.node(id).schema->flags & kOpLeaf))
      all.push_back({id, NodeSupport::Level::kNative, {}});
  return all;
}

}  // namespace

Claims::Claims(const Graph& graph, std::span<const Target> targets, std::vector<NodeSupport> first)
    : graph_(graph), targets_(targets), answers_(targets.size()) {
  if (!first.empty()) answers_[0] = std::move(first);
}

Result<std::span<const NodeSupport>> Claims::of(uint32_t device) {
  std::optional<std::vector<NodeSupport>>& known = answers_[device];
  if (known) return std::span<const NodeSupport>(*known);
  RLX_ASSIGN(std::vector<NodeSupport> given, ask(graph_, targets_[device]));
  std::vector<NodeSupport> by_node(graph_.node_count());
  for (NodeSupport& a : given) {
    if (a.node >= graph_.node_count() || graph_.node(a.node).erased())
      return fail(Code::kInternal, "device {} answered for node {}, which does not exist", targets_[device].device,
                  a.node);
    by_node[a.node] = std::move(a);
  }
  known = std::move(by_node);
  return std::span<const NodeSupport>(*known);
}

Result<uint32_t> Claims::first_for(std::span<const NodeId> nodes, uint32_t first) {
  for (uint32_t d = first; d < targets_.size(); ++d) {
    RLX_ASSIGN(const std::span<const NodeSupport> answers, of(d));
    if (std::all_of(nodes.begin(), nodes.end(), [&](NodeId n) { return answers[n].level != NodeSupport::Level::kNo; }))
      return d;
  }
  return kNoDevice;
}

}  // namespace rlx
