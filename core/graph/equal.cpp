// Structural equality: two graphs walked side by side in topological order.
#include <rlx/graph.hpp>

namespace rlx {
namespace {

class Comparison {
 public:
  Comparison(const Graph& a, const Graph& b) : a_(a), b_(b), twin_(a.value_count(), kNoValue) {}

  bool equal() {
    const auto order_a = a_.order(), order_b = b_.order();
    if (!order_a || !order_b || order_a->size() != order_b->size() || a_.symbols() != b_.symbols()) return false;
    for (size_t i = 0; i < order_a->size(); ++i)
      if (!same_node(a_.node((*order_a)[i]), b_.node((*order_b)[i]))) return false;
    return same_values(a_.inputs(), b_.inputs()) && same_outputs();
  }

 private:
  bool same_value(ValueId a, ValueId b) const { return a == kNoValue ? b == kNoValue : twin_[a] == b; }

  bool same_values(const std::vector<ValueId>& a, const std::vector<ValueId>& b) const {
    bool same = a.size() == b.size();
    for (size_t i = 0; same && i < a.size(); ++i) same = same_value(a[i], b[i]);
    return same;
  }

  bool same_node(const Node& a, const Node& b) {
    if (a.schema != b.schema || a.outputs.size() != b.outputs.size() || a.regions.size() != b.regions.size())
      return false;
    if (!same_values(a.inputs, b.inputs) || !(a.attrs == b.attrs)) return false;
    for (size_t i = 0; i < a.regions.size(); ++i)
      if (!structurally_equal(a.regions[i], b.regions[i])) return false;
    for (size_t i = 0; i < a.outputs.size(); ++i) {
      if (a_.type(a.outputs[i]) != b_.type(b.outputs[i])) return false;
      twin_[a.outputs[i]] = b.outputs[i];
    }
    return true;
  }

  bool same_outputs() const {
    const auto &a = a_.outputs(), &b = b_.outputs();
    bool same = a.size() == b.size();
    for (size_t i = 0; same && i < a.size(); ++i) same = a[i].name == b[i].name && same_value(a[i].value, b[i].value);
    return same;
  }

  const Graph& a_;
  const Graph& b_;
  std::vector<ValueId> twin_;  // values of b by those of a
};

}  // namespace

bool structurally_equal(const Graph& a, const Graph& b) {
  return Comparison(a, b).equal();
}

}  // namespace rlx
