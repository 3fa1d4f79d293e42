// Gathers and scatters. Indices are i32 or i64; negative ones count from the end.
//   gather:          y.shape = x.shape[:axis] ++ idx.shape ++ x.shape[axis+1:]
//   gather_elements: y[i…] = x with i_axis replaced by idx[i…]
//   gather_nd, scatter_nd: the last axis of idx holds coordinates (ONNX)
//   scatter_add:     y = zeros; y[idx[i]] += updates[i]
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

Status check_indices(InferContext& c, size_t input) {
  return check_dtype(c, input, is_index, "i32 or i64");
}

Result<Types> infer_gather(InferContext& c) {
  RLX_TRY(check_indices(c, 1));
  const Shape& x = c.shape(0);
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", x));
  std::vector<int64_t> dims(x.begin(), x.begin() + axis);
  dims.insert(dims.end(), c.shape(1).begin(), c.shape(1).end());
  dims.insert(dims.end(), x.begin() + axis + 1, x.end());
  return one(c, c.dtype(0), dims);
}

// idx has x's rank and stays inside x on the other axes.
Status check_element_indices(InferContext& c, size_t axis) {
  RLX_TRY(check_indices(c, 1));
  const Shape& x = c.shape(0);
  const Shape& idx = c.shape(1);
  bool fits = x.rank() == idx.rank();
  for (size_t i = 0; fits && i < x.rank(); ++i)
    fits = i == axis || !is_static(x[i]) || !is_static(idx[i]) || idx[i] <= x[i];
  if (fits) return {};
  return bad(c, "indices {} do not fit shape {} along axis {}", text(c, 1), text(c, 0), axis);
}

Result<Types> infer_gather_elements(InferContext& c) {
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", c.shape(0)));
  RLX_TRY(check_element_indices(c, axis));
  return one(c.dtype(0), c.shape(1));
}

// The number of coordinates in each index; needs a static last axis.
Result<size_t> coordinate_count(InferContext& c, size_t batch_dims) {
  RLX_TRY(check_indices(c, 1));
  const Shape& x = c.shape(0);
  const Shape& idx = c.shape(1);
  if (idx.rank() < batch_dims + 1 || x.rank() < batch_dims)
    return bad(c, "indices {} do not fit shape {} with batch_dims {}", text(c, 1), text(c, 0), batch_dims);
  for (size_t i = 0; i < batch_dims; ++i)
    if (!may_equal(x[i], idx[i])) return bad(c, "batch dims of {} and {} differ at {}", text(c, 0), text(c, 1), i);
  const int64_t count = idx[idx.rank() - 1];
  if (!is_static(count)) return bad(c, "the last dim of indices {} is not static", text(c, 1));
  if (count > static_cast<int64_t>(x.rank() - batch_dims))
    return bad(c, "indices {} have {} coordinates for shape {}", text(c, 1), count, text(c, 0));
  return static_cast<size_t>(count);
}

Result<Types> infer_gather_nd(InferContext& c) {
  const int64_t batch_dims = c.attrs.i("batch_dims");
  if (batch_dims < 0 || batch_dims >= static_cast<int64_t>(kMaxRank)) return bad(c, "batch_dims is {}", batch_dims);
  RLX_ASSIGN(const size_t count, coordinate_count(c, static_cast<size_t>(batch_dims)));
  const Shape& x = c.shape(0);
  std::vector<int64_t> dims(c.shape(1).begin(), c.shape(1).end() - 1);
  dims.insert(dims.end(), x.begin() + static_cast<size_t>(batch_dims) + count, x.end());
  return one(c, c.dtype(0), dims);
}

// dy has the shape of a gather's result: axis is where the indices' axes begin.
Result<Types> infer_gather_backward(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_TRY(check_indices(c, 1));
  RLX_TRY(check_present(c, "dim"));
  const int64_t dim = c.attrs.i("dim");
  if (dim < 0) return bad(c, "dim is {}", dim);
  const Shape& dy = c.shape(0);
  const Shape& idx = c.shape(1);
  if (dy.rank() < idx.rank()) return bad(c, "dy {} has fewer dims than indices {}", text(c, 0), text(c, 1));
  const auto rank = static_cast<int64_t>(dy.rank() - idx.rank() + 1);
  int64_t axis = c.attrs.i("axis");
  if (axis < -rank || axis >= rank) return bad(c, "axis {} out of range for rank {}", axis, rank);
  if (axis < 0) axis += rank;
  c.attrs.set("axis", axis);
  for (size_t i = 0; i < idx.rank(); ++i)
    if (!may_equal(dy[static_cast<size_t>(axis) + i], idx[i]))
      return bad(c, "dy {} does not hold indices {} at axis {}", text(c, 0), text(c, 1), axis);
  std::vector<int64_t> dims(dy.begin(), dy.begin() + axis);
  dims.push_back(dim);
  dims.insert(dims.end(), dy.begin() + axis + idx.rank(), dy.end());
  return one(c, c.dtype(0), dims);
}

Result<Types> infer_scatter_add(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  RLX_TRY(check_indices(c, 1));
  RLX_TRY(check_rank(c, 1, 1));
  RLX_TRY(check_rank_between(c, 0, 1, kMaxRank));
  RLX_TRY(check_present(c, "out_dim"));
  Shape shape = c.shape(0);
  if (!may_equal(shape[0], c.shape(1)[0])) return bad(c, "{} updates for {} indices", text(c, 0), text(c, 1));
  if (c.attrs.i("out_dim") < 0) return bad(c, "out_dim is {}", c.attrs.i("out_dim"));
  shape[0] = c.attrs.i("out_dim");
  return one(c, c.dtype(0), shape.dims());
}

Status check_reduction(InferContext& c) {
  RLX_TRY(check_same_dtype(c, 0, 2));
  if (c.attrs.str("reduction") != "none") RLX_TRY(check_dtype(c, 0, is_number, "a number"));
  return {};
}

Result<Types> infer_scatter_elements(InferContext& c) {
  RLX_TRY(check_reduction(c));
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", c.shape(0)));
  RLX_TRY(check_element_indices(c, axis));
  RLX_TRY(check_shape(c, 2, c.shape(1), "updates"));
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_scatter_nd(InferContext& c) {
  RLX_TRY(check_reduction(c));
  RLX_ASSIGN(const size_t count, coordinate_count(c, 0));
  const Shape& x = c.shape(0);
  std::vector<int64_t> dims(c.shape(1).begin(), c.shape(1).end() - 1);
  dims.insert(dims.end(), x.begin() + count, x.end());
  RLX_ASSIGN(const Shape updates, make_shape(c, dims));
  RLX_TRY(check_shape(c, 2, updates, "updates"));
  return one(c.dtype(0), x);
}

Result<Types> infer_one_hot(InferContext& c) {
  RLX_TRY(check_indices(c, 0));
  RLX_TRY(check_shape(c, 1, {2}, "off_on"));
  RLX_TRY(check_present(c, "depth"));
  const int64_t depth = c.attrs.i("depth");
  if (depth < 0) return bad(c, "depth is {}", depth);
  const auto rank = static_cast<int64_t>(c.shape(0).rank()) + 1;
  int64_t axis = c.attrs.i("axis");
  if (axis < -rank || axis >= rank) return bad(c, "axis {} out of range for rank {}", axis, rank);
  if (axis < 0) axis += rank;
  c.attrs.set("axis", axis);
  std::vector<int64_t> dims(c.shape(0).begin(), c.shape(0).end());
  dims.insert(dims.begin() + axis, depth);
  return one(c, c.dtype(1), dims);
}

Result<Types> infer_iota(InferContext& c) {
  RLX_TRY(check_present(c, "shape"));
  RLX_TRY(check_present(c, "to"));
  const DType to = c.attrs.dtype("to");
  if (!is_valid(to) || !is_number(to)) return bad(c, "to is {}, needs a number", name_of(to));
  for (const int64_t d : c.attrs.ints("shape"))
    if (d < 0) return bad(c, "shape has entry {}", d);
  RLX_ASSIGN(const Shape shape, make_shape(c, c.attrs.ints("shape")));
  // A scalar has the one index 0, whatever the axis.
  if (shape.rank() > 0) RLX_TRY(normalise_axis(c, "axis", shape));
  return one(to, shape);
}

Result<Types> infer_trilu(InferContext& c) {
  RLX_TRY(check_rank_between(c, 0, 2, kMaxRank));
  RLX_TRY(check_present(c, "upper"));
  return one(c.dtype(0), c.shape(0));
}

Result<Types> infer_non_zero(InferContext& c) {
  RLX_TRY(check_present(c, "limit"));
  if (c.attrs.i("limit") < 0) return bad(c, "limit is {}", c.attrs.i("limit"));
  const int64_t dims[] = {static_cast<int64_t>(c.shape(0).rank()), c.attrs.i("limit")};
  RLX_ASSIGN(const Shape shape, make_shape(c, dims));
  return Types{{DType::kI64, shape}, {DType::kI64, {}}};
}

AttrSpec reduction_attr() {
  return choice_attr("reduction", {"none", "add", "mul", "max", "min"}, "none");
}

}  // namespace

Family index_ops() {
  static const OpSchema schemas[] = {
      {.name = "gather",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {int_attr("axis", 0)},
       .infer = infer_gather},
      {.name = "gather_elements",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {int_attr("axis", 0)},
       .infer = infer_gather_elements},
      {.name = "gather_nd",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {int_attr("batch_dims", 0)},
       .infer = infer_gather_nd},
      {.name = "gather_backward",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {int_attr("axis", 0), int_attr("dim")},
       .infer = infer_gather_backward,
       .decompose = decompose_gather_backward},
      {.name = "scatter_add",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {int_attr("out_dim")},
       .infer = infer_scatter_add,
       .decompose = decompose_scatter_add},
      {.name = "scatter_elements",
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .attrs = {int_attr("axis", 0), reduction_attr()},
       .infer = infer_scatter_elements},
      {.name = "scatter_nd",
       .min_inputs = 3,
       .max_inputs = 3,
       .required_inputs = 3,
       .attrs = {reduction_attr()},
       .infer = infer_scatter_nd},
      {.name = "one_hot",
       .min_inputs = 2,
       .max_inputs = 2,
       .required_inputs = 2,
       .attrs = {int_attr("depth"), int_attr("axis", -1)},
       .infer = infer_one_hot,
       .decompose = decompose_one_hot},
      {.name = "iota",
       .attrs = {ints_attr("shape"), int_attr("axis", 0), float_attr("start", 0), float_attr("step", 1),
                 dtype_attr("to")},
       .infer = infer_iota,
       .decompose = decompose_iota},
      {.name = "trilu",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {flag_attr("upper"), int_attr("k", 0)},
       .infer = infer_trilu,
       .decompose = decompose_trilu},
      {.name = "non_zero",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .min_outputs = 2,
       .max_outputs = 2,
       .attrs = {int_attr("limit")},
       .infer = infer_non_zero,
       .decompose = decompose_non_zero},
  };
  return schemas;
}

}  // namespace rlx::ops
