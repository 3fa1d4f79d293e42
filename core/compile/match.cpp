// Pattern vocabulary.

#include "compile/match.hpp"

#include <rlx/tensor.hpp>

#include <algorithm>
#include <cmath>

namespace rlx {

const Node* made_by(const Graph& g, ValueId v, std::string_view op, std::string_view kind) {
  if (v == kNoValue) return nullptr;
  const Node& n = g.producer(v);
  if (!n.is(op) || (!kind.empty() && n.attrs.str("kind") != kind)) return nullptr;
  return &n;
}

bool sole_use(const Graph& g, ValueId v) {
  return g.value(v).uses.size() == 1 && !g.is_output(v);
}

const Node* sole_user(const Graph& g, ValueId v) {
  return sole_use(g, v) ? &g.node(g.value(v).uses[0].node) : nullptr;
}

std::optional<double> splat(const Graph& g, ValueId v) {
  if (v == kNoValue) return std::nullopt;
  const Literal* l = g.literal(v);
  if (l == nullptr || l->type.dtype == DType::kC64) return std::nullopt;
  const int64_t n = l->type.shape.elements();
  if (n < 1 || n > 4096) return std::nullopt;
  std::vector<double> values(static_cast<size_t>(n));
  convert(l->type.dtype, l->bytes.data(), DType::kF64, values.data(), values.size());
  for (double x : values)
    if (x != values[0]) return std::nullopt;
  return values[0];
}

bool near(double a, double b) {
  return std::fabs(a - b) <= 1e-5 * std::max(std::fabs(a), std::fabs(b));
}

bool is_weight(const Graph& g, ValueId v) {
  return v != kNoValue && (g.producer(v).is("constant") || g.producer(v).is("param"));
}

ValueId other_operand(const Node& n, ValueId v) {
  if (n.inputs.size() < 2 || n.inputs[0] == n.inputs[1]) return kNoValue;
  if (n.inputs[0] == v) return n.inputs[1];
  return n.inputs[1] == v ? n.inputs[0] : kNoValue;
}

namespace {

void flatten_into(const Graph& g, ValueId v, bool root, Product& p) {
  const bool open = root || sole_use(g, v);
  if (const Node* n = made_by(g, v, "binary", "mul"); n != nullptr && open) {
    for (ValueId in : n->inputs) {
      if (auto s = splat(g, in))
        p.scalar *= *s;
      else
        flatten_into(g, in, false, p);
    }
    return;
  }
  if (const Node* n = made_by(g, v, "binary", "div"); n != nullptr && open) {
    if (auto s = splat(g, n->inputs[1])) {
      p.scalar /= *s;
      flatten_into(g, n->inputs[0], false, p);
      return;
    }
  }
  p.factors.push_back(v);
}

}  // namespace

Product flatten_product(const Graph& g, ValueId v) {
  Product p;
  flatten_into(g, v, true, p);
  return p;
}

bool is_activation(const Node& n) {
  if (!n.is("unary")) return false;
  constexpr std::string_view kKinds[] = {"relu",       "gelu", "gelu_tanh",  "silu",         "sigmoid", "tanh",
                                         "leaky_relu", "elu",  "hard_swish", "hard_sigmoid", "mish",    "softplus"};
  return std::find(std::begin(kKinds), std::end(kKinds), n.attrs.str("kind")) != std::end(kKinds);
}

void copy_activation(const Node& n, Attrs& attrs) {
  attrs.set("activation", n.attrs.str("kind"));
  attrs.set("alpha", n.attrs.f("alpha"));
  attrs.set("beta", n.attrs.f("beta"));
}

std::optional<int64_t> suffix_axis(const std::vector<int64_t>& axes, size_t rank) {
  if (axes.empty()) return std::nullopt;
  std::vector<int64_t> sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] != static_cast<int64_t>(rank - sorted.size() + i)) return std::nullopt;
  return sorted[0];
}

}  // namespace rlx
