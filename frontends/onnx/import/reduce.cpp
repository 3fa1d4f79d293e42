// Reductions, ArgMax/ArgMin, CumSum, TopK.

#include "context.hpp"

namespace rlx::onnx {
namespace {

Result<ValueId> reduce(NodeContext& c, std::string_view kind, ValueId x) {
  RLX_ASSIGN(std::vector<int64_t> axes, c.ints_input_or_attr(1, "axes"));
  if (axes.empty()) {
    if (c.attr("noop_with_empty_axes", 0) != 0) return x;
    for (size_t i = 0; i < c.g.shape(x).rank(); ++i) axes.push_back(static_cast<int64_t>(i));
  }
  return c.add("reduce", {x},
               {{"kind", std::string(kind)}, {"axes", axes}, {"keep_dims", int64_t{c.attr("keepdims", 1) != 0}}});
}

template <const char* Kind>
Status plain(NodeContext& c) {
  return c.out(reduce(c, Kind, c.in(0)));
}
constexpr char kL1[] = "l1", kL2[] = "l2", kLogSumExp[] = "logsumexp", kMax[] = "max", kMean[] = "mean", kMin[] = "min",
               kProd[] = "prod", kSum[] = "sum", kSumSquare[] = "sum_sq";

Status log_sum(NodeContext& c) {
  RLX_ASSIGN(ValueId sum, reduce(c, "sum", c.in(0)));
  return c.out(c.unary("log", sum));
}

Status arg(NodeContext& c, const char* kind) {
  return c.out(c.add("arg_reduce", {c.in(0)},
                     {{"kind", std::string(kind)},
                      {"axis", c.attr("axis", 0)},
                      {"keep_dims", int64_t{c.attr("keepdims", 1) != 0}},
                      {"last_index", int64_t{c.attr("select_last_index", 0) != 0}}}));
}
Status arg_max(NodeContext& c) {
  return arg(c, "argmax");
}
Status arg_min(NodeContext& c) {
  return arg(c, "argmin");
}

Status cumsum(NodeContext& c) {
  RLX_ASSIGN(std::vector<int64_t> axis, c.ints(1));
  if (axis.size() != 1)
    return c.fail(Code::kInvalidArgument, "axis must be one number, got " + std::to_string(axis.size()));
  return c.out(c.add("cumsum", {c.in(0)},
                     {{"axis", axis[0]}, {"exclusive", c.attr("exclusive", 0)}, {"reverse", c.attr("reverse", 0)}}));
}

Status top_k(NodeContext& c) {
  int64_t k = c.attr("k", 0);
  if (c.has(1)) {
    RLX_ASSIGN(std::vector<int64_t> v, c.ints(1));
    if (v.size() != 1) return c.fail(Code::kInvalidArgument, "k must be one number, got " + std::to_string(v.size()));
    k = v[0];
  }
  RLX_ASSIGN(
      std::vector<ValueId> outs,
      c.add_multi(
          "top_k", {c.in(0)},
          {{"k", k}, {"axis", c.attr("axis", -1)}, {"largest", c.attr("largest", 1)}, {"sorted", c.attr("sorted", 1)}},
          2));
  RLX_TRY(c.out(0, outs[0]));
  return c.out(1, outs[1]);
}

constexpr OpEntry kOps[] = {
    {"ArgMax", arg_max, 1},
    {"ArgMin", arg_min, 1},
    {"CumSum", cumsum, 2},
    {"ReduceL1", plain<kL1>, 1},
    {"ReduceL2", plain<kL2>, 1},
    {"ReduceLogSum", log_sum, 1},
    {"ReduceLogSumExp", plain<kLogSumExp>, 1},
    {"ReduceMax", plain<kMax>, 1},
    {"ReduceMean", plain<kMean>, 1},
    {"ReduceMin", plain<kMin>, 1},
    {"ReduceProd", plain<kProd>, 1},
    {"ReduceSum", plain<kSum>, 1},
    {"ReduceSumSquare", plain<kSumSquare>, 1},
    {"TopK", top_k, 1},
};

}  // namespace

std::span<const OpEntry> reduce_ops() {
  return kOps;
}

}  // namespace rlx::onnx
