// Computes nodes whose inputs are all constants, on a real device through the context's evaluator. Whole constant
// subgraphs are cut out at once, so that one evaluation serves a chain. A node that cannot be computed is left as it
// is: folding never fails a compile.

#include "compile/pass.hpp"

#include <vector>

namespace rlx {
namespace {

class Folder {
 public:
  Folder(Graph& g, PassContext& context) : g_(g), context_(context), known_(g.value_count(), false) {}

  Result<size_t> run() {
    if (!context_.evaluate) return size_t{0};
    RLX_ASSIGN(order_, g_.order());
    for (NodeId id : order_) {
      const Node& n = g_.node(id);
      const bool known = n.is("constant") || computable(n);
      for (ValueId v : n.outputs) known_[v] = known;
    }
    size_t folded = 0;
    for (NodeId id : order_) {
      if (g_.node(id).erased() || g_.node(id).is("constant") || !known_[g_.node(id).outputs[0]]) continue;
      if (leads_out(g_.node(id))) folded += fold(id);
    }
    return folded;
  }

 private:
  bool computable(const Node& n) const {
    if (n.schema->flags & (kOpLeaf | kOpRandom | kOpSideEffect)) return false;
    for (ValueId v : n.inputs)
      if (v != kNoValue && !known_[v]) return false;
    int64_t bytes = 0;
    for (ValueId v : n.outputs) bytes += g_.type(v).bytes();
    return bytes <= context_.options.fold_limit_bytes;
  }

  // Only the ends of constant subgraphs are computed: what a run-time node or an output reads.
  bool leads_out(const Node& n) const {
    for (ValueId v : n.outputs) {
      if (g_.is_output(v)) return true;
      for (const Use& use : g_.value(v).uses)
        if (!known_[g_.node(use.node).outputs[0]]) return true;
    }
    return false;
  }

  size_t fold(NodeId id) {
    Graph part;
    std::vector<ValueId> map(g_.value_count(), kNoValue);
    if (!copy(id, part, map)) return 0;
    const std::vector<ValueId> outputs = g_.node(id).outputs;
    for (size_t i = 0; i < outputs.size(); ++i)
      if (!part.add_output("y" + std::to_string(i), map[outputs[i]])) return 0;
    auto values = context_.evaluate(part);
    if (!values || !fits(outputs, *values)) return 0;
    for (size_t i = 0; i < outputs.size(); ++i) {
      auto constant = g_.constant(std::move((*values)[i]), g_.node(id).name);
      if (!constant) return 0;
      g_.replace_uses(outputs[i], *constant);
    }
    g_.erase(id);
    known_.resize(g_.value_count(), true);
    return 1;
  }

  // A device's mistake must not change the graph's types.
  bool fits(const std::vector<ValueId>& outputs, const std::vector<Literal>& values) const {
    bool same = values.size() == outputs.size();
    for (size_t i = 0; same && i < outputs.size(); ++i) same = values[i].type == g_.type(outputs[i]);
    return same;
  }

  bool copy(NodeId id, Graph& part, std::vector<ValueId>& map) {
    std::vector<NodeId> stack{id};
    while (!stack.empty()) {
      const Node& n = g_.node(stack.back());
      if (map[n.outputs[0]] != kNoValue) {
        stack.pop_back();
        continue;
      }
      bool ready = true;
      for (ValueId v : n.inputs) {
        if (v == kNoValue || map[v] != kNoValue) continue;
        stack.push_back(g_.value(v).producer);
        ready = false;
      }
      if (!ready) continue;
      if (!copy_one(n, part, map)) return false;
      stack.pop_back();
    }
    return true;
  }

  bool copy_one(const Node& n, Graph& part, std::vector<ValueId>& map) {
    if (n.is("constant")) {
      auto v = part.constant(*n.attrs.literal("value"));
      if (v) map[n.outputs[0]] = *v;
      return v.has_value();
    }
    std::vector<ValueId> inputs;
    for (ValueId v : n.inputs) inputs.push_back(v == kNoValue ? kNoValue : map[v]);
    auto made = part.add_node(n.op(), inputs, n.attrs, n.name, n.outputs.size(), n.regions);
    if (!made) return false;
    for (size_t i = 0; i < n.outputs.size(); ++i) map[n.outputs[i]] = part.node(*made).outputs[i];
    return true;
  }

  Graph& g_;
  PassContext& context_;
  std::vector<bool> known_;
  std::vector<NodeId> order_;
};

}  // namespace

Result<size_t> fold_constants(Graph& g, PassContext& context) {
  if (!context.options.fold_constants) return size_t{0};
  return Folder(g, context).run();
}

}  // namespace rlx
