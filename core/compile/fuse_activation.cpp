// Activations that exporters spell out: GELU with erf and with tanh, SiLU, hard-swish. All are products around one
// telling factor, so each match flattens the product and looks at its factors; the association of the multiplications
// does not matter.

#include <algorithm>
#include <cmath>
#include <numbers>

#include "compile/match.hpp"
#include "compile/pass.hpp"

namespace rlx {
namespace {

// 1 + f(u) for a unary f: returns u.
ValueId one_plus(const Graph& g, ValueId v, std::string_view kind) {
  const Node* add = made_by(g, v, "binary", "add");
  if (add == nullptr) return kNoValue;
  for (size_t i = 0; i < 2; ++i) {
    const auto one = splat(g, add->inputs[i]);
    const Node* f = made_by(g, add->inputs[1 - i], "unary", kind);
    if (one && *one == 1 && f != nullptr) return f->inputs[0];
  }
  return kNoValue;
}

// v == x * scale?
bool is_scaled(const Graph& g, ValueId v, ValueId x, double scale) {
  const Product p = flatten_product(g, v);
  return p.factors.size() == 1 && p.factors[0] == x && near(p.scalar, scale);
}

// How often x is a factor of v's product; powers count with their exponent. -1 when anything else is.
double power_of(const Graph& g, ValueId v, ValueId x, double* scalar) {
  const Product p = flatten_product(g, v);
  *scalar = p.scalar;
  double power = 0;
  for (ValueId f : p.factors) {
    if (f == x) {
      power += 1;
      continue;
    }
    if (const Node* pow = made_by(g, f, "binary", "pow");
        pow != nullptr && pow->inputs[0] == x && splat(g, pow->inputs[1])) {
      power += *splat(g, pow->inputs[1]);
      continue;
    }
    double inner_scalar = 1;
    const Node* mul = made_by(g, f, "binary", "mul");
    const double inner = mul != nullptr ? power_of(g, f, x, &inner_scalar) : -1;
    if (inner < 0) return -1;
    power += inner;
    *scalar *= inner_scalar;
  }
  return power;
}

// u == sqrt(2/pi) * (x + 0.044715 x^3), also with x factored out?
bool is_tanh_argument(const Graph& g, ValueId u, ValueId x) {
  constexpr double kOuter = 0.7978845608028654, kInner = 0.044715;
  const Product p = flatten_product(g, u);
  if (!near(p.scalar, kOuter) || p.factors.empty() || p.factors.size() > 2) return false;
  const bool factored = p.factors.size() == 2;
  ValueId sum = p.factors[0];
  if (factored) {
    if (p.factors[0] != x && p.factors[1] != x) return false;
    sum = p.factors[0] == x ? p.factors[1] : p.factors[0];
  }
  const Node* add = made_by(g, sum, "binary", "add");
  if (add == nullptr) return false;
  for (size_t i = 0; i < 2; ++i) {
    const bool linear = factored ? splat(g, add->inputs[i]) == std::optional<double>(1) : add->inputs[i] == x;
    double scalar = 1;
    if (linear && power_of(g, add->inputs[1 - i], x, &scalar) == (factored ? 2 : 3) && near(scalar, kInner))
      return true;
  }
  return false;
}

struct Found {
  const char* kind = nullptr;
  ValueId x = kNoValue;
};

Found match_product(const Graph& g, const Product& p) {
  if (p.factors.size() != 2) return {};
  for (size_t i = 0; i < 2; ++i) {
    const ValueId gate = p.factors[i], x = p.factors[1 - i];
    if (near(p.scalar, 0.5)) {
      if (ValueId u = one_plus(g, gate, "erf"); u != kNoValue && is_scaled(g, u, x, 1 / std::numbers::sqrt2))
        return {"gelu", x};
      if (ValueId u = one_plus(g, gate, "tanh"); u != kNoValue && is_tanh_argument(g, u, x)) return {"gelu_tanh", x};
    }
    if (p.scalar == 1) {
      if (const Node* s = made_by(g, gate, "unary", "sigmoid"); s != nullptr && s->inputs[0] == x) return {"silu", x};
      if (const Node* h = made_by(g, gate, "unary", "hard_sigmoid");
          h != nullptr && h->inputs[0] == x && near(h->attrs.f("alpha"), 1.0 / 6) && h->attrs.f("beta") == 0.5)
        return {"hard_swish", x};
    }
    if (near(p.scalar, 1.0 / 6)) {
      // x * clamp(x + 3, 0, 6) / 6
      const Node* clamp = made_by(g, gate, "clamp");
      const Node* add =
          clamp != nullptr && clamp->inputs.size() == 1 ? made_by(g, clamp->inputs[0], "binary", "add") : nullptr;
      if (add != nullptr && clamp->attrs.f("lo") == 0 && clamp->attrs.f("hi") == 6) {
        const ValueId three = other_operand(*add, x);
        if (three != kNoValue && splat(g, three) == std::optional<double>(3)) return {"hard_swish", x};
      }
    }
  }
  return {};
}

}  // namespace

Result<size_t> fuse_activation(Graph& g, PassContext& context) {
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t changes = 0;
  // From the end: the outermost multiplication sees the whole product.
  for (size_t i = order.size(); i-- > 0;) {
    const NodeId id = order[i];
    const bool product =
        g.node(id).is("binary") && (g.node(id).attrs.str("kind") == "mul" || g.node(id).attrs.str("kind") == "div");
    if (!product || !is_float(g.dtype(g.node(id).outputs[0]))) continue;
    const ValueId old = g.node(id).outputs[0];
    const Found found = match_product(g, flatten_product(g, old));
    if (found.kind == nullptr || g.type(found.x) != g.type(old)) continue;
    RLX_ASSIGN(ValueId y, g.add("unary", {found.x}, {{"kind", std::string(found.kind)}}, g.node(id).name));
    g.replace_uses(old, y);
    context.fused(found.kind);
    ++changes;
  }
  return changes;
}

}  // namespace rlx
