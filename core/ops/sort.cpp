// Sorting along an axis. NaN is the largest value; equal values keep their order.
//   sort:  values and their i64 positions along axis      top_k: the first k of the sorted axis
#include "ops/emit.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

Result<Types> infer_sort(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_TRY(normalise_axis(c, "axis", c.shape(0)));
  return Types{{c.dtype(0), c.shape(0)}, {DType::kI64, c.shape(0)}};
}

Result<Types> infer_top_k(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", c.shape(0)));
  RLX_TRY(check_present(c, "k"));
  Shape shape = c.shape(0);
  const int64_t k = c.attrs.i("k");
  if (k < 0 || (is_static(shape[axis]) && k > shape[axis]))
    return bad(c, "k {} out of range for axis {} of shape {}", k, axis, text(c, 0));
  shape[axis] = k;
  RLX_ASSIGN(const Shape checked, make_shape(c, shape.dims()));
  return Types{{c.dtype(0), checked}, {DType::kI64, checked}};
}

Result<Values> decompose_top_k(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const auto axis = static_cast<size_t>(e.attrs().i("axis"));
  const Values all =
      e.outputs_of("sort", {e.in(0)}, {{"axis", e.attrs().i("axis")}, {"descending", e.attrs().i("largest")}}, 2);
  const int64_t k = e.attrs().i("k");
  return e.done({e.slice(all[0], axis, 0, k), e.slice(all[1], axis, 0, k)});
}

}  // namespace

Family sort_ops() {
  static const OpSchema schemas[] = {
      {.name = "sort",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .min_outputs = 2,
       .max_outputs = 2,
       .attrs = {int_attr("axis", -1), flag_attr("descending", false), flag_attr("stable", true)},
       .infer = infer_sort},
      {.name = "top_k",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .min_outputs = 2,
       .max_outputs = 2,
       .attrs = {int_attr("k"), int_attr("axis", -1), flag_attr("largest", true), flag_attr("sorted", true)},
       .infer = infer_top_k,
       .decompose = decompose_top_k},
  };
  return schemas;
}

}  // namespace rlx::ops
