// What the ranks of a process group compute and exchange together. Every rank's graph has the same collectives in the
// same order; the host runs them between the parts that devices run, over the session's group.
//   all_reduce: kind over all ranks' x            broadcast: x of rank root
//   all_gather: x of all ranks, along axis 0      reduce_scatter: the own part, along axis 0, of an all_reduce
//   all_to_all: part r of x goes to rank r, parts that come are in the order of ranks
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

constexpr uint32_t kFlags = kOpCollective | kOpSideEffect;

Status check_reduction(const InferContext& c) {
  const std::string& kind = c.attrs.str("kind");
  if (kind == "and" || kind == "or") return check_dtype(c, 0, is_bool, "bool");
  if (kind == "mean") return check_dtype(c, 0, is_float, "a float");
  return check_dtype(c, 0, is_number, "a number");
}

Status check_ranks(const InferContext& c) {
  RLX_TRY(check_positive(c, "ranks"));
  return check_rank_between(c, 0, 1, kMaxRank);
}

// Axis 0 in `ranks` equal parts.
Status check_parts(const InferContext& c) {
  RLX_TRY(check_ranks(c));
  const int64_t ranks = c.attrs.i("ranks"), dim = c.shape(0)[0];
  if (is_static(dim) && dim % ranks != 0)
    return bad(c, "axis 0 of shape {} is no multiple of {} ranks", text(c, 0), ranks);
  return {};
}

Result<Types> infer_all_reduce(InferContext& c) {
  RLX_TRY(check_reduction(c));
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_broadcast(InferContext& c) {
  if (c.attrs.i("root") < 0) return bad(c, "root {} is negative", c.attrs.i("root"));
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_all_gather(InferContext& c) {
  RLX_TRY(check_ranks(c));
  Shape shape = c.shape(0);
  shape[0] = mul_dims(shape[0], c.attrs.i("ranks"));
  return one(c, c.dtype(0), shape.dims());
}

Result<Types> infer_reduce_scatter(InferContext& c) {
  RLX_TRY(check_reduction(c));
  RLX_TRY(check_parts(c));
  Shape shape = c.shape(0);
  shape[0] = is_static(shape[0]) ? shape[0] / c.attrs.i("ranks") : kUnknownDim;
  return one(c.dtype(0), shape);
}

Result<Types> infer_all_to_all(InferContext& c) {
  RLX_TRY(check_parts(c));
  return one(c.dtype(0), c.shape(0));
}

OpSchema collective(std::string_view name, std::vector<AttrSpec> attrs,
                    Result<std::vector<TensorType>> (*infer)(InferContext&)) {
  return {.name = name,
          .flags = kFlags,
          .min_inputs = 1,
          .max_inputs = 1,
          .required_inputs = 1,
          .attrs = std::move(attrs),
          .infer = infer};
}

AttrSpec kind_attr() {
  return choice_attr("kind", {"sum", "prod", "min", "max", "mean", "and", "or"}, "sum");
}

}  // namespace

Family collective_ops() {
  static const OpSchema schemas[] = {
      collective("all_reduce", {kind_attr()}, infer_all_reduce),
      collective("all_gather", {int_attr("ranks")}, infer_all_gather),
      collective("reduce_scatter", {kind_attr(), int_attr("ranks")}, infer_reduce_scatter),
      collective("broadcast", {int_attr("root", 0)}, infer_broadcast),
      collective("all_to_all", {int_attr("ranks")}, infer_all_to_all),
  };
  return schemas;
}

}  // namespace rlx::ops
