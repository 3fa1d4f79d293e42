// softmax(scale * q k^T + mask) v, spelled out, becomes `attention`. The head transposes around it are absorbed: when
// q, k, v and the result all come as [B, S, H, D] behind a transpose, the op works in that layout and no transpose
// remains.

#include <cmath>
#include <limits>

#include "compile/match.hpp"
#include "compile/pass.hpp"

namespace rlx {
namespace {

using Ints = std::vector<int64_t>;
const Ints kSwapHeads{0, 2, 1, 3};

struct Found {
  ValueId q = kNoValue, k = kNoValue, v = kNoValue;  // [B, H, S, D], or the same behind a transpose from [B, S, H, D]
  ValueId k_columns = kNoValue;                      // k as [B, H, D, S] when nothing else could be found
  ValueId mask = kNoValue;
  const char* mask_kind = "none";
  bool hides = false;  // the mask is true where a key is hidden
  double scale = 1;
};

// v divided by scalar factors, which go into scale; only through values that nothing else uses.
ValueId strip_scale(const Graph& g, ValueId v, double* scale) {
  if (!sole_use(g, v)) return v;
  for (const char* kind : {"mul", "div"}) {
    const Node* n = made_by(g, v, "binary", kind);
    if (n == nullptr) continue;
    const bool product = kind[0] == 'm';
    for (size_t i = product ? 0 : 1; i < 2; ++i) {
      const auto s = splat(g, n->inputs[i]);
      if (!s || *s == 0 || g.type(n->inputs[1 - i]) != g.type(v)) continue;
      *scale = product ? *scale * *s : *scale / *s;
      return strip_scale(g, n->inputs[1 - i], scale);
    }
  }
  return v;
}

bool match_scores(const Graph& g, ValueId s, Found& f) {
  s = strip_scale(g, s, &f.scale);
  const Node* m = made_by(g, s, "matmul");
  if (m == nullptr || !sole_use(g, s) || m->attrs.flag("trans_a")) return false;
  f.q = strip_scale(g, m->inputs[0], &f.scale);
  const ValueId right = strip_scale(g, m->inputs[1], &f.scale);
  if (m->attrs.flag("trans_b"))
    f.k = right;
  else
    f.k_columns = right;
  return true;
}

// s = scores + bias, or where(mask, scores, -inf), or the scores themselves.
bool match_masked(const Graph& g, ValueId s, Found& f) {
  if (!sole_use(g, s)) return false;
  if (const Node* add = made_by(g, s, "binary", "add")) {
    for (size_t i = 0; i < 2; ++i) {
      Found attempt = f;
      if (g.type(add->inputs[i]) != g.type(s) || !match_scores(g, add->inputs[i], attempt)) continue;
      f = attempt;
      f.mask = add->inputs[1 - i];
      f.mask_kind = "bias";
      return true;
    }
    return false;
  }
  if (const Node* where = made_by(g, s, "where")) {
    // Large negative stand-ins for -inf differ from it only where a whole row is masked; keep those as they are.
    const auto is_minus_infinity = [&](ValueId v) {
      const auto value = splat(g, v);
      return value && std::isinf(*value) && *value < 0;
    };
    f.hides = is_minus_infinity(where->inputs[1]);
    if (!f.hides && !is_minus_infinity(where->inputs[2])) return false;
    if (!match_scores(g, where->inputs[f.hides ? 2 : 1], f)) return false;
    f.mask = where->inputs[0];
    f.mask_kind = "custom";
    return true;
  }
  return match_scores(g, s, f);
}

// The [B, S, H, D] tensor that v is a head transpose of.
ValueId before_heads(const Graph& g, ValueId v) {
  const Node* t = made_by(g, v, "transpose");
  return t != nullptr && t->attrs.ints("perm") == kSwapHeads ? t->inputs[0] : kNoValue;
}

Result<ValueId> transpose(Graph& g, ValueId v, Ints perm) {
  return g.add("transpose", {v}, {{"perm", std::move(perm)}});
}

// k from [B, H, D, S]: undoes the transpose that made it, whatever its form.
Result<ValueId> keys_of(Graph& g, ValueId columns) {
  if (const Node* t = made_by(g, columns, "transpose")) {
    const Ints perm = t->attrs.ints("perm");
    const ValueId source = t->inputs[0];
    if (perm == Ints{0, 1, 3, 2} || perm == Ints{0, 2, 1}) return source;
    if (perm == Ints{0, 2, 3, 1}) return transpose(g, source, kSwapHeads);
  }
  const size_t rank = g.shape(columns).rank();
  return transpose(g, columns, rank == 4 ? Ints{0, 1, 3, 2} : Ints{0, 2, 1});
}

// Rank 3 counts as one batch of heads.
Result<ValueId> with_batch(Graph& g, ValueId v) {
  const Shape s = g.shape(v);
  if (s.rank() == 4) return v;
  return g.add("reshape", {v}, {{"shape", Ints{1, s[0], s[1], s[2]}}});
}

bool fits(const Graph& g, const Found& f) {
  const Shape& q = g.shape(f.q);
  const Shape& v = g.shape(f.v);
  const Shape& k = g.shape(f.k != kNoValue ? f.k : f.k_columns);
  if ((q.rank() != 4 && q.rank() != 3) || v.rank() != q.rank() || k.rank() != q.rank()) return false;
  for (size_t i = 0; i + 2 < q.rank(); ++i)
    if (q[i] != v[i] || q[i] != k[i]) return false;
  return true;
}

Result<bool> mask_fits(const Graph& g, const Found& f, const Shape& scores) {
  if (f.mask == kNoValue) return true;
  const bool bias = std::string_view(f.mask_kind) == "bias";
  if (bias && g.dtype(f.mask) != g.dtype(f.q)) return false;
  auto common = broadcast(g.shape(f.mask), scores);
  return common && *common == scores;
}

Result<ValueId> build(Graph& g, Found f, const Node& product) {
  if (f.k == kNoValue) {
    RLX_ASSIGN(f.k, keys_of(g, f.k_columns));
  }
  Attrs attrs{{"mask", std::string(f.mask_kind)}, {"scale", f.scale}};
  const ValueId old = product.outputs[0];
  const Shape result = g.shape(old);
  const ValueId q = before_heads(g, f.q), k = before_heads(g, f.k), v = before_heads(g, f.v);
  const bool token_major = q != kNoValue && k != kNoValue && v != kNoValue && g.shape(f.q).rank() == 4;
  std::vector<ValueId> inputs;
  if (token_major) {
    inputs = {q, k, v};
  } else {
    for (ValueId x : {f.q, f.k, f.v}) {
      RLX_ASSIGN(ValueId heads, with_batch(g, x));
      inputs.push_back(heads);
    }
  }
  if (f.hides) {
    RLX_ASSIGN(f.mask, g.add("unary", {f.mask}, {{"kind", std::string("not")}}));
  }
  if (f.mask != kNoValue) inputs.push_back(f.mask);
  attrs.set("layout", std::string(token_major ? "bshd" : "bhsd"));
  RLX_ASSIGN(ValueId y, g.add("attention", inputs, std::move(attrs), product.name));
  // The transpose back, if any, now meets its inverse and canonicalisation removes both.
  if (token_major) return transpose(g, y, kSwapHeads);
  return g.shape(y) == result ? Result<ValueId>(y)
                              : g.add("reshape", {y}, {{"shape", Ints(result.begin(), result.end())}});
}

}  // namespace

Result<size_t> fuse_attention(Graph& g, PassContext& context) {
  if (!context.supports("attention")) return size_t{0};
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t changes = 0;
  for (NodeId id : order) {
    const Node n = g.node(id);
    if (!n.is("matmul") || n.attrs.flag("trans_a") || n.attrs.flag("trans_b")) continue;
    const Node* softmax = made_by(g, n.inputs[0], "softmax");
    if (softmax == nullptr || !is_float(g.dtype(n.inputs[0]))) continue;
    const Shape scores = g.shape(n.inputs[0]);
    if (!sole_use(g, n.inputs[0]) || softmax->attrs.i("axis") + 1 != static_cast<int64_t>(scores.rank())) {
      context.missed("attention", "the probabilities are used elsewhere, or softmax is not over the last axis");
      continue;
    }
    Found f;
    f.v = n.inputs[1];
    if (!match_masked(g, softmax->inputs[0], f) || !fits(g, f)) {
      context.missed("attention", "the scores are no scaled, masked product of queries and keys");
      continue;
    }
    RLX_ASSIGN(bool masked, mask_fits(g, f, scores));
    if (!masked) {
      context.missed("attention", "the mask does not broadcast to the scores");
      continue;
    }
    RLX_ASSIGN(ValueId y, build(g, f, n));
    g.replace_uses(n.outputs[0], y);
    context.fused("attention");
    ++changes;
  }
  return changes;
}

}  // namespace rlx
