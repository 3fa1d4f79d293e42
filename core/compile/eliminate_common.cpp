// Common subexpressions: two nodes with the same op, attributes, inputs and regions become one. Random ops and side
// effects never merge.

#include "compile/pass.hpp"

#include <unordered_map>

namespace rlx {
namespace {

size_t combine(size_t seed, size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ull + (seed << 6) + (seed >> 2));
}

size_t hash_attr(const AttrValue& value) {
  size_t h = value.index();
  if (const auto* i = std::get_if<int64_t>(&value)) h = combine(h, static_cast<size_t>(*i));
  if (const auto* d = std::get_if<double>(&value)) h = combine(h, std::hash<double>()(*d));
  if (const auto* s = std::get_if<std::string>(&value)) h = combine(h, std::hash<std::string>()(*s));
  if (const auto* v = std::get_if<std::vector<int64_t>>(&value))
    for (int64_t i : *v) h = combine(h, static_cast<size_t>(i));
  if (const auto* l = std::get_if<Literal>(&value)) {
    // The first bytes tell most literals apart; equality decides.
    const size_t n = std::min<size_t>(l->bytes.size(), 256);
    h = combine(h, std::hash<std::string_view>()({reinterpret_cast<const char*>(l->bytes.data()), n}));
    h = combine(h, l->bytes.size());
  }
  return h;
}

size_t hash_node(const Node& n) {
  size_t h = std::hash<const void*>()(n.schema);
  for (ValueId v : n.inputs) h = combine(h, v);
  for (const auto& [name, value] : n.attrs.entries()) h = combine(h, hash_attr(value));
  return combine(h, n.outputs.size());
}

bool same(const Graph& g, const Node& a, const Node& b) {
  if (a.schema != b.schema || a.inputs != b.inputs || a.outputs.size() != b.outputs.size()) return false;
  // Regions are graphs; comparing them costs more than the rare duplicate.
  if (!a.regions.empty() || !b.regions.empty()) return false;
  return g.type(a.outputs[0]) == g.type(b.outputs[0]) && a.attrs == b.attrs;
}

}  // namespace

Result<size_t> eliminate_common(Graph& g, PassContext&) {
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  std::unordered_multimap<size_t, NodeId> seen;
  size_t removed = 0;
  for (NodeId id : order) {
    const Node& n = g.node(id);
    const bool interface = (n.schema->flags & kOpLeaf) && !n.is("constant");
    if (interface || (n.schema->flags & (kOpRandom | kOpSideEffect))) continue;
    const size_t h = hash_node(n);
    const auto [first, last] = seen.equal_range(h);
    auto it = first;
    while (it != last && !same(g, g.node(it->second), n)) ++it;
    if (it == last) {
      seen.emplace(h, id);
      continue;
    }
    const std::vector<ValueId> kept = g.node(it->second).outputs, gone = n.outputs;
    for (size_t i = 0; i < gone.size(); ++i) g.replace_uses(gone[i], kept[i]);
    g.erase(id);
    ++removed;
  }
  return removed;
}

}  // namespace rlx
