// Layer norm and RMS norm spelled out from primitives, with their scale and shift.
//   layer: (x - mean(x)) / sqrt(mean((x - mean(x))^2) + eps) * gamma + beta        rms: x / sqrt(mean(x^2) + eps) *
//   gamma

#include "compile/match.hpp"
#include "compile/pass.hpp"

namespace rlx {
namespace {

struct Norm {
  bool layer = false;
  ValueId x = kNoValue;
  int64_t axis = 0;
  double eps = 0;
};

// mean over trailing axes with kept dims; sets the axis.
ValueId mean_of(const Graph& g, ValueId v, int64_t* axis) {
  const Node* n = made_by(g, v, "reduce", "mean");
  if (n == nullptr || !n->attrs.flag("keep_dims")) return kNoValue;
  const auto first = suffix_axis(n->attrs.ints("axes"), g.shape(n->inputs[0]).rank());
  if (!first) return kNoValue;
  *axis = *first;
  return n->inputs[0];
}

// The d with v == d * d.
ValueId square_of(const Graph& g, ValueId v) {
  const Node* mul = made_by(g, v, "binary", "mul");
  if (mul != nullptr && mul->inputs[0] == mul->inputs[1]) return mul->inputs[0];
  const Node* pow = made_by(g, v, "binary", "pow");
  return pow != nullptr && splat(g, pow->inputs[1]) == std::optional<double>(2) ? pow->inputs[0] : kNoValue;
}

// v == mean(d^2) + eps: returns d.
ValueId variance_of(const Graph& g, ValueId v, Norm& norm) {
  const Node* add = made_by(g, v, "binary", "add");
  if (add == nullptr) return kNoValue;
  for (size_t i = 0; i < 2; ++i) {
    const auto eps = splat(g, add->inputs[i]);
    if (!eps || *eps < 0) continue;
    norm.eps = *eps;
    const ValueId mean = mean_of(g, add->inputs[1 - i], &norm.axis);
    return mean == kNoValue ? kNoValue : square_of(g, mean);
  }
  return kNoValue;
}

// Numerator and the d under the root of  num / sqrt(var)  or  num * rsqrt(var).
bool match_quotient(const Graph& g, const Node& n, ValueId* numerator, ValueId* d, Norm& norm) {
  if (n.is("binary") && n.attrs.str("kind") == "div") {
    const Node* root = made_by(g, n.inputs[1], "unary", "sqrt");
    if (root == nullptr) return false;
    *numerator = n.inputs[0];
    *d = variance_of(g, root->inputs[0], norm);
    return *d != kNoValue;
  }
  if (n.is("binary") && n.attrs.str("kind") == "mul") {
    for (size_t i = 0; i < 2; ++i) {
      const Node* root = made_by(g, n.inputs[i], "unary", "rsqrt");
      if (root == nullptr) continue;
      *numerator = n.inputs[1 - i];
      *d = variance_of(g, root->inputs[0], norm);
      return *d != kNoValue;
    }
  }
  return false;
}

bool match_norm(const Graph& g, const Node& n, Norm& norm) {
  ValueId numerator = kNoValue, d = kNoValue;
  if (!match_quotient(g, n, &numerator, &d, norm) || numerator != d) return false;
  const Node* sub = made_by(g, d, "binary", "sub");
  int64_t axis = 0;
  if (sub != nullptr && mean_of(g, sub->inputs[1], &axis) == sub->inputs[0] && axis == norm.axis) {
    norm.layer = true;
    norm.x = sub->inputs[0];
  } else {
    norm.x = d;
  }
  return g.type(norm.x) == g.type(n.outputs[0]);
}

// `v` as a scale or shift of shape x.shape[axis:], reshaped when it carries leading ones; kNoValue when it does not
// fit.
Result<ValueId> tail_operand(Graph& g, ValueId v, const Shape& x, int64_t axis) {
  const Shape tail(x.dims().subspan(static_cast<size_t>(axis)));
  const Shape s = g.shape(v);
  if (s == tail) return v;
  if (s.rank() < tail.rank() || s.elements() != tail.elements()) return kNoValue;
  const size_t lead = s.rank() - tail.rank();
  for (size_t i = 0; i < s.rank(); ++i)
    if (s[i] != (i < lead ? 1 : tail[i - lead])) return kNoValue;
  return g.add("reshape", {v}, {{"shape", std::vector<int64_t>(tail.begin(), tail.end())}});
}

// If the only user of y is `kind` with a fitting operand, returns that operand and the user's output.
Result<std::pair<ValueId, ValueId>> absorb(Graph& g, ValueId y, std::string_view kind, const Norm& norm) {
  const std::pair<ValueId, ValueId> none{kNoValue, kNoValue};
  const Node* user = sole_user(g, y);
  if (user == nullptr || !user->is("binary") || user->attrs.str("kind") != kind) return none;
  const ValueId operand = other_operand(*user, y), result = user->outputs[0];
  if (operand == kNoValue || g.type(result) != g.type(y)) return none;
  const Shape x = g.shape(norm.x);
  RLX_ASSIGN(ValueId tail, tail_operand(g, operand, x, norm.axis));
  return tail == kNoValue ? none : std::pair{tail, result};
}

}  // namespace

Result<size_t> fuse_norm(Graph& g, PassContext& context) {
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t changes = 0;
  for (NodeId id : order) {
    Norm norm;
    if (g.node(id).erased() || !match_norm(g, g.node(id), norm)) continue;
    const char* op = norm.layer ? "layer_norm" : "rms_norm";
    if (!context.supports(op)) continue;
    ValueId end = g.node(id).outputs[0];
    std::vector<ValueId> inputs{norm.x};
    RLX_ASSIGN(auto gamma, absorb(g, end, "mul", norm));
    if (gamma.first != kNoValue) {
      inputs.push_back(gamma.first);
      end = gamma.second;
      RLX_ASSIGN(auto beta, absorb(g, end, "add", norm));
      if (beta.first != kNoValue) {
        inputs.push_back(beta.first);
        end = beta.second;
      }
    }
    RLX_ASSIGN(ValueId y, g.add(op, inputs, {{"axis", norm.axis}, {"eps", norm.eps}}, g.node(id).name));
    g.replace_uses(end, y);
    context.fused(op);
    ++changes;
  }
  return changes;
}

}  // namespace rlx
