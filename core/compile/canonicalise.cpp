// One way to write each thing: drops what does nothing and brings equal meanings into one form, so that later passes
// match one pattern.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "compile/match.hpp"
#include "compile/pass.hpp"

namespace rlx {
namespace {

using Ints = std::vector<int64_t>;

// A rule returns the value that replaces the node's (single) output, kNoValue when it does not apply.
using Rule = Result<ValueId> (*)(Graph& g, const Node& n);

Result<ValueId> drop_identity(Graph& g, const Node& n) {
  const ValueId x = n.inputs.empty() ? kNoValue : n.inputs[0];
  if (x == kNoValue || g.type(x) != g.type(n.outputs[0])) return kNoValue;
  const auto op = n.op();
  // Same type in and out: these only rename.
  if (op == "copy" || op == "reshape" || op == "cast" || op == "expand" || op == "narrow") return x;
  if (op == "tile" || op == "concat") return n.inputs.size() == 1 || op == "tile" ? x : kNoValue;
  if (op == "pad") {
    const auto zero = [](int64_t v) { return v == 0; };
    const Ints &b = n.attrs.ints("begins"), &e = n.attrs.ints("ends");
    return std::all_of(b.begin(), b.end(), zero) && std::all_of(e.begin(), e.end(), zero) ? x : kNoValue;
  }
  if (op == "slice") {
    const Ints& steps = n.attrs.ints("steps");
    const Shape& s = g.shape(x);
    for (size_t i = 0; i < steps.size(); ++i)
      if (steps[i] != 1 && s[i] > 1) return kNoValue;
    return x;
  }
  if (op == "transpose") {
    const Ints& perm = n.attrs.ints("perm");
    return std::is_sorted(perm.begin(), perm.end()) ? x : kNoValue;
  }
  return kNoValue;
}

Result<ValueId> merge_reshapes(Graph& g, const Node& n) {
  if (!n.is("reshape")) return kNoValue;
  const Node* inner = made_by(g, n.inputs[0], "reshape");
  if (inner == nullptr) return kNoValue;
  const Shape& s = g.shape(n.outputs[0]);
  return g.add("reshape", {inner->inputs[0]}, {{"shape", Ints(s.begin(), s.end())}}, n.name);
}

Result<ValueId> merge_transposes(Graph& g, const Node& n) {
  if (!n.is("transpose")) return kNoValue;
  const Node* inner = made_by(g, n.inputs[0], "transpose");
  if (inner == nullptr) return kNoValue;
  const Ints &outer = n.attrs.ints("perm"), &first = inner->attrs.ints("perm");
  Ints perm;
  for (int64_t p : outer) perm.push_back(first[static_cast<size_t>(p)]);
  return g.add("transpose", {inner->inputs[0]}, {{"perm", perm}}, n.name);
}

// A transpose that only moves dims of size 1 is a reshape, and a reshape is a view.
Result<ValueId> transpose_to_reshape(Graph& g, const Node& n) {
  if (!n.is("transpose")) return kNoValue;
  const Shape& in = g.shape(n.inputs[0]);
  int64_t last = -1;
  for (int64_t p : n.attrs.ints("perm")) {
    if (in[static_cast<size_t>(p)] == 1) continue;
    if (p < last) return kNoValue;
    last = p;
  }
  const Shape& s = g.shape(n.outputs[0]);
  return g.add("reshape", {n.inputs[0]}, {{"shape", Ints(s.begin(), s.end())}}, n.name);
}

// A slice with steps 1 that cuts one axis is a narrow.
Result<ValueId> slice_to_narrow(Graph& g, const Node& n) {
  if (!n.is("slice")) return kNoValue;
  const Ints &starts = n.attrs.ints("starts"), &steps = n.attrs.ints("steps");
  const Shape &in = g.shape(n.inputs[0]), &out = g.shape(n.outputs[0]);
  int64_t axis = -1;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i] != 1) return kNoValue;
    if (in[i] == out[i]) continue;
    if (axis >= 0) return kNoValue;
    axis = static_cast<int64_t>(i);
  }
  if (axis < 0) return kNoValue;
  const auto a = static_cast<size_t>(axis);
  return g.add("narrow", {n.inputs[0]}, {{"axis", axis}, {"start", starts[a]}, {"len", out[a]}}, n.name);
}

Result<ValueId> binary_with_scalar(Graph& g, const Node& n) {
  if (!n.is("binary") || !is_float(g.dtype(n.outputs[0]))) return kNoValue;
  const std::string& kind = n.attrs.str("kind");
  const TensorType& type = g.type(n.outputs[0]);
  const auto right = splat(g, n.inputs[1]);
  const auto left = splat(g, n.inputs[0]);
  auto keeps = [&](ValueId v) { return g.type(v) == type ? v : kNoValue; };
  // x + 0 loses nothing but the sign of -0, x * 1 nothing at all.
  if (right && ((*right == 0 && (kind == "add" || kind == "sub")) ||
                (*right == 1 && (kind == "mul" || kind == "div" || kind == "pow"))))
    return keeps(n.inputs[0]);
  if (left && ((*left == 0 && kind == "add") || (*left == 1 && kind == "mul"))) return keeps(n.inputs[1]);
  if (!right) return kNoValue;
  if (kind == "pow" && *right == 2 && g.shape(n.inputs[0]) == type.shape)
    return g.add("binary", {n.inputs[0], n.inputs[0]}, {{"kind", std::string("mul")}}, n.name);
  if (kind == "pow" && *right == 0.5 && g.shape(n.inputs[0]) == type.shape)
    return g.add("unary", {n.inputs[0]}, {{"kind", std::string("sqrt")}}, n.name);
  return kNoValue;
}

Result<ValueId> unary_chain(Graph& g, const Node& n) {
  if (!n.is("unary")) return kNoValue;
  const std::string& kind = n.attrs.str("kind");
  const Node* inner = made_by(g, n.inputs[0], "unary");
  if (inner == nullptr) return kNoValue;
  const std::string& before = inner->attrs.str("kind");
  if (kind == before && (kind == "neg" || kind == "not" || kind == "bit_not")) return inner->inputs[0];
  if (kind == before && (kind == "relu" || kind == "abs" || kind == "floor" || kind == "ceil")) return n.inputs[0];
  if (kind == "recip" && before == "sqrt")
    return g.add("unary", {inner->inputs[0]}, {{"kind", std::string("rsqrt")}}, n.name);
  return kNoValue;
}

// relu is the one clamp that fusion knows by another name.
Result<ValueId> clamp_to_relu(Graph& g, const Node& n) {
  if (!n.is("clamp") || n.inputs.size() != 1 || !is_float(g.dtype(n.outputs[0]))) return kNoValue;
  if (n.attrs.f("lo") != 0 || !std::isinf(n.attrs.f("hi")) || n.attrs.f("hi") < 0) return kNoValue;
  return g.add("unary", {n.inputs[0]}, {{"kind", std::string("relu")}}, n.name);
}

// An elementwise op of one operand commutes with a reshape; moving the reshape down lets producers and consumers meet.
Result<ValueId> sink_reshape(Graph& g, const Node& n) {
  if (!n.is("unary") && !(n.is("clamp") && n.inputs.size() == 1)) return kNoValue;
  const Node* inner = made_by(g, n.inputs[0], "reshape");
  if (inner == nullptr || !sole_use(g, n.inputs[0])) return kNoValue;
  const Shape s = g.shape(n.outputs[0]);
  const ValueId x = inner->inputs[0];
  RLX_ASSIGN(ValueId y, g.add(n.op(), {x}, Attrs(n.attrs), n.name));
  return g.add("reshape", {y}, {{"shape", Ints(s.begin(), s.end())}});
}

// A product can read its right side transposed; a weight then stays as the file has it.
Result<ValueId> matmul_of_transpose(Graph& g, const Node& n) {
  if (!n.is("matmul")) return kNoValue;
  const Node* t = made_by(g, n.inputs[1], "transpose");
  if (t == nullptr) return kNoValue;
  Ints swapped(t->attrs.ints("perm").size());
  std::iota(swapped.begin(), swapped.end(), 0);
  std::swap(swapped[swapped.size() - 1], swapped[swapped.size() - 2]);
  if (t->attrs.ints("perm") != swapped) return kNoValue;
  Attrs attrs = n.attrs;
  attrs.set("trans_b", int64_t{!n.attrs.flag("trans_b")});
  return g.add("matmul", {n.inputs[0], t->inputs[0]}, std::move(attrs), n.name);
}

constexpr Rule kRules[] = {drop_identity,   merge_reshapes,     merge_transposes, transpose_to_reshape,
                           slice_to_narrow, binary_with_scalar, unary_chain,      clamp_to_relu,
                           sink_reshape,    matmul_of_transpose};

}  // namespace

Result<size_t> canonicalise(Graph& g, PassContext&) {
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t changes = 0;
  for (NodeId id : order) {
    if (g.node(id).erased() || (g.node(id).schema->flags & kOpLeaf) || g.node(id).outputs.size() != 1) continue;
    for (Rule rule : kRules) {
      const ValueId old = g.node(id).outputs[0];
      // A copy: rules add nodes, which moves the graph's storage.
      const Node n = g.node(id);
      RLX_ASSIGN(ValueId better, rule(g, n));
      if (better == kNoValue) continue;
      if (g.type(better) != g.type(old))
        return error(Code::kInternal, "canonicalise: " + std::string(n.op()) + " changed its type");
      g.replace_uses(old, better);
      g.erase(id);
      ++changes;
      break;
    }
  }
  return changes;
}

}  // namespace rlx
