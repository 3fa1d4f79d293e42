// Reductions and scans along axes. Empty: sum 0, prod 1, max −inf or lowest, mean NaN.
//   reduce: y = kind over axes      arg_reduce: index of the extreme, smallest on ties
//   cumsum, cumprod: running sum or product along axis
#include "ops/emit.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

#include <algorithm>

namespace rlx::ops {
namespace {

// Input 0's shape without the marked axes, or with ones there.
Shape reduced_shape(const Shape& input, uint32_t axes, bool keep_dims) {
  Shape shape;
  for (size_t i = 0; i < input.rank(); ++i) {
    if (!(axes >> i & 1)) {
      shape.push_back(input[i]);
    } else if (keep_dims) {
      shape.push_back(1);
    }
  }
  return shape;
}

Result<Types> infer_reduce(InferContext& c) {
  const std::string& kind = c.attrs.str("kind");
  if (kind == "any" || kind == "all") {
    RLX_TRY(check_dtype(c, 0, is_bool, "bool"));
  } else if (kind == "mean" || kind == "l2" || kind == "logsumexp") {
    RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  } else {
    RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  }
  RLX_TRY(normalise_axes(c, "axes", c.shape(0)));
  std::vector<int64_t> axes = c.attrs.ints("axes");
  std::sort(axes.begin(), axes.end());
  uint32_t marked = 0;
  for (const int64_t axis : axes) marked |= 1u << axis;
  c.attrs.set("axes", std::move(axes));
  return one(c.dtype(0), reduced_shape(c.shape(0), marked, c.attrs.flag("keep_dims")));
}

Result<Types> infer_arg_reduce(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", c.shape(0)));
  if (c.shape(0)[axis] == 0) return bad(c, "axis {} of shape {} is empty", axis, text(c, 0));
  return one(DType::kI64, reduced_shape(c.shape(0), 1u << axis, c.attrs.flag("keep_dims")));
}

Result<Types> infer_scan(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_TRY(normalise_axis(c, "axis", c.shape(0)));
  return one(c.dtype(0), c.shape(0));
}

std::vector<AttrSpec> scan_attrs() {
  return {int_attr("axis"), flag_attr("exclusive", false), flag_attr("reverse", false)};
}

// Each x reached the sums at and after it, so its gradient sums those the other way round.
Result<Values> decompose_cumsum_backward(Graph& graph, const Node& node) {
  Emit e(graph, node);
  return e.done({e.op("cumsum", {e.in(0)},
                      {{"axis", e.attrs().i("axis")},
                       {"exclusive", e.attrs().i("exclusive")},
                       {"reverse", int64_t{!e.attrs().flag("reverse")}}})});
}

}  // namespace

Family reduce_ops() {
  static const OpSchema schemas[] = {
      {.name = "reduce",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {choice_attr("kind",
                             {"sum", "mean", "max", "min", "prod", "l1", "l2", "logsumexp", "sum_sq", "any", "all"}),
                 ints_attr("axes"), flag_attr("keep_dims", true)},
       .infer = infer_reduce},
      {.name = "arg_reduce",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {choice_attr("kind", {"argmax", "argmin"}), int_attr("axis", 0), flag_attr("keep_dims", true),
                 flag_attr("last_index", false)},
       .infer = infer_arg_reduce},
      {.name = "cumsum",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = scan_attrs(),
       .infer = infer_scan},
      {.name = "cumprod",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = scan_attrs(),
       .infer = infer_scan},
      {.name = "cumsum_backward",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = scan_attrs(),
       .infer = infer_scan,
       .decompose = decompose_cumsum_backward},
  };
  return schemas;
}

}  // namespace rlx::ops
