// Matrix products: MatMul, Gemm, Einsum and the integer forms.

#include "context.hpp"

#include <algorithm>

namespace rlx::onnx {
namespace {

Status matmul(NodeContext& c) {
  return c.out(c.add("matmul", {c.in(0), c.in(1)}));
}

Status gemm(NodeContext& c) {
  ValueId a = c.in(0), b = c.in(1);
  if (c.opset() < 7 && c.shape(0).rank() > 2) {
    const int64_t dims[] = {c.shape(0)[0], -1};
    RLX_ASSIGN(a, c.reshape(a, dims));
  }
  const double alpha = c.attr_f("alpha", 1), beta = c.attr_f("beta", 1);
  RLX_ASSIGN(ValueId y,
             c.add("matmul", {a, b},
                   {{"trans_a", int64_t{c.attr("transA", 0) != 0}}, {"trans_b", int64_t{c.attr("transB", 0) != 0}}}));
  if (alpha != 1) {
    RLX_ASSIGN(ValueId s, c.scalar(c.dtype(0), alpha));
    RLX_ASSIGN(y, c.binary("mul", y, s));
  }
  if (!c.has(2) || beta == 0) return c.out(y);
  ValueId bias = c.in(2);
  if (beta != 1) {
    RLX_ASSIGN(ValueId s, c.scalar(c.dtype(0), beta));
    RLX_ASSIGN(bias, c.binary("mul", bias, s));
  }
  return c.out(c.binary("add", y, bias));
}

// ---- Einsum: each pair of operands becomes one dot_general; diagonals are not supported
// -------------------------------

struct Term {
  ValueId value;
  std::string labels;
};

// Sums out labels that appear nowhere else.
Result<Term> sum_out(NodeContext& c, Term t, const std::string& keep) {
  std::vector<int64_t> axes;
  std::string left;
  for (size_t i = 0; i < t.labels.size(); ++i) {
    if (keep.find(t.labels[i]) == std::string::npos)
      axes.push_back(static_cast<int64_t>(i));
    else
      left += t.labels[i];
  }
  if (axes.empty()) return t;
  RLX_ASSIGN(t.value,
             c.add("reduce", {t.value}, {{"kind", std::string("sum")}, {"axes", axes}, {"keep_dims", int64_t{0}}}));
  t.labels = left;
  return t;
}

Result<Term> contract(NodeContext& c, const Term& a, const Term& b, const std::string& keep) {
  std::vector<int64_t> lc, rc, lb, rb;
  std::string batch, free;
  for (size_t i = 0; i < a.labels.size(); ++i) {
    const size_t j = b.labels.find(a.labels[i]);
    if (j == std::string::npos) {
      free += a.labels[i];
    } else if (keep.find(a.labels[i]) != std::string::npos) {
      lb.push_back(static_cast<int64_t>(i));
      rb.push_back(static_cast<int64_t>(j));
      batch += a.labels[i];
    } else {
      lc.push_back(static_cast<int64_t>(i));
      rc.push_back(static_cast<int64_t>(j));
    }
  }
  for (char l : b.labels)
    if (a.labels.find(l) == std::string::npos) free += l;
  RLX_ASSIGN(ValueId y,
             c.add("dot_general", {a.value, b.value},
                   {{"lhs_contracting", lc}, {"rhs_contracting", rc}, {"lhs_batch", lb}, {"rhs_batch", rb}}));
  return Term{y, batch + free};
}

// Gives the dims under "..." labels of their own, '0' upwards counted from the right.
Status expand_ellipsis(NodeContext& c, std::string& labels, size_t rank) {
  const size_t at = labels.find("...");
  if (at == std::string::npos) return {};
  const size_t named = labels.size() - 3;
  if (named > rank || rank - named > 10)
    return c.fail(Code::kInvalidArgument, "'" + labels + "' does not fit rank " + std::to_string(rank));
  std::string dims;
  for (size_t i = rank - named; i-- > 0;) dims += static_cast<char>('0' + i);
  labels.replace(at, 3, dims);
  return {};
}

Status einsum(NodeContext& c) {
  std::string equation = c.attr_s("equation");
  equation.erase(std::remove(equation.begin(), equation.end(), ' '), equation.end());
  const size_t arrow = equation.find("->");
  std::string left = equation.substr(0, arrow), result = arrow == std::string::npos ? "" : equation.substr(arrow + 2);
  std::vector<Term> terms;
  std::string all;
  size_t ellipsis_rank = 0;
  for (size_t start = 0; start <= left.size() && terms.size() < c.input_count();) {
    const size_t comma = std::min(left.find(',', start), left.size());
    Term t{c.in(terms.size()), left.substr(start, comma - start)};
    const size_t rank = c.g.shape(t.value).rank();
    if (t.labels.find("...") != std::string::npos && rank + 3 >= t.labels.size())
      ellipsis_rank = std::max(ellipsis_rank, rank + 3 - t.labels.size());
    RLX_TRY(expand_ellipsis(c, t.labels, rank));
    if (t.labels.size() != rank)
      return c.fail(Code::kInvalidArgument, "'" + t.labels + "' does not fit rank " + std::to_string(rank));
    for (size_t i = 0; i < t.labels.size(); ++i)
      if (t.labels.find(t.labels[i], i + 1) != std::string::npos)
        return c.unsupported("a repeated label in '" + t.labels + "' (a diagonal) is not supported");
    all += t.labels;
    terms.push_back(t);
    start = comma + 1;
  }
  if (terms.size() != c.input_count())
    return c.fail(Code::kInvalidArgument,
                  "'" + equation + "' does not name " + std::to_string(c.input_count()) + " operands");
  if (arrow == std::string::npos) {
    // Implicit form: the ellipsis, then labels that appear once, in alphabetical order.
    std::string sorted = all;
    std::sort(sorted.begin(), sorted.end());
    for (char l : sorted)
      if (l > '9' && std::count(all.begin(), all.end(), l) == 1) result += l;
    for (size_t i = 0; i < ellipsis_rank; ++i) result.insert(result.begin(), static_cast<char>('0' + i));
  } else {
    const size_t at = result.find("...");
    if (at != std::string::npos) RLX_TRY(expand_ellipsis(c, result, result.size() - 3 + ellipsis_rank));
  }
  for (char l : result)
    if (all.find(l) == std::string::npos)
      return c.fail(Code::kInvalidArgument, "the result's label '" + std::string(1, l) + "' is in no operand");
  while (terms.size() > 1) {
    std::string keep = result;
    for (size_t i = 2; i < terms.size(); ++i) keep += terms[i].labels;
    RLX_ASSIGN(Term a, sum_out(c, terms[0], keep + terms[1].labels));
    RLX_ASSIGN(Term b, sum_out(c, terms[1], keep + a.labels));
    RLX_ASSIGN(terms[0], contract(c, a, b, keep));
    terms.erase(terms.begin() + 1);
  }
  RLX_ASSIGN(Term last, sum_out(c, terms[0], result));
  std::vector<int64_t> perm;
  for (char l : result) perm.push_back(static_cast<int64_t>(last.labels.find(l)));
  return c.out(c.add("transpose", {last.value}, {{"perm", perm}}));
}

constexpr OpEntry kOps[] = {{"Einsum", einsum, kAllInputs}, {"Gemm", gemm, 2}, {"MatMul", matmul, 2}};

}  // namespace

std::span<const OpEntry> linalg_ops() {
  return kOps;
}

}  // namespace rlx::onnx
