// Ops that move or repeat elements without arithmetic: reshape, transpose, slices, concat, expand, tile, pad, reverse.
// Shape attributes may hold -1 (reshape: inferred) and -2 (the input's dim at that place); both are stored resolved
// once the input is static.
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

#include <algorithm>

namespace rlx::ops {
namespace {

constexpr int64_t kInferred = -1;
constexpr int64_t kCopied = -2;
constexpr int64_t kToTheEnd = INT64_MAX;

// What -1 in a reshape stands for, given the other output dims. Symbols that appear on both sides cancel; a single one
// that is left is the answer when the static parts agree. Unknown when that does not settle it.
Result<int64_t> inferred_dim(InferContext& c, const Shape& input, const std::vector<int64_t>& others) {
  int64_t from = 1, to = 1;
  std::vector<int64_t> open;
  for (const int64_t d : input) {
    if (is_static(d)) {
      from = mul_dims(from, d);
    } else {
      open.push_back(d);
    }
  }
  for (const int64_t d : others) {
    if (is_static(d)) {
      to = mul_dims(to, d);
      continue;
    }
    const auto at = is_symbol(d) ? std::find(open.begin(), open.end(), d) : open.end();
    if (at == open.end()) return kUnknownDim;
    open.erase(at);
  }
  if (open.size() == 1 && from == to && from != 0) return open[0];
  if (!open.empty()) return kUnknownDim;
  if (to == 0) return bad(c, "-1 is ambiguous for shape {}: the other dims have a zero", text(c, input));
  if (from % to != 0) return bad(c, "shape {} has no {} elements per entry", text(c, input), to);
  return from / to;
}

// Replaces kCopied entries; refuses other negatives except kInferred when that is allowed.
Result<std::vector<int64_t>> resolve_shape(InferContext& c, bool may_infer) {
  RLX_TRY(check_present(c, "shape"));
  const Shape& input = c.shape(0);
  std::vector<int64_t> dims = c.attrs.ints("shape");
  for (size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == kInferred && may_infer) continue;
    if (dims[i] < 0 && dims[i] != kCopied) return bad(c, "shape has entry {}", dims[i]);
    if (dims[i] != kCopied) continue;
    if (i >= input.rank()) return bad(c, "shape copies dim {} of shape {}", i, text(c, input));
    dims[i] = input[i];
  }
  return dims;
}

Result<Types> infer_reshape(InferContext& c) {
  const Shape& input = c.shape(0);
  RLX_TRY(check_present(c, "shape"));
  const std::vector<int64_t> wanted = c.attrs.ints("shape");
  if (std::count(wanted.begin(), wanted.end(), kInferred) > 1) return bad(c, "shape has more than one -1");
  RLX_ASSIGN(std::vector<int64_t> dims, resolve_shape(c, true));
  const auto at = std::find(wanted.begin(), wanted.end(), kInferred);
  if (at != wanted.end()) {
    const size_t i = static_cast<size_t>(at - wanted.begin());
    std::vector<int64_t> others = dims;
    others.erase(others.begin() + static_cast<int64_t>(i));
    RLX_ASSIGN(dims[i], inferred_dim(c, input, others));
  }
  RLX_ASSIGN(const Shape shape, make_shape(c, dims));
  if (input.is_static() && shape.is_static()) {
    if (input.elements() != shape.elements())
      return bad(c, "shape {} has {} elements, {} has {}", text(c, input), input.elements(), text(c, shape),
                 shape.elements());
    c.attrs.set("shape", dims);
  }
  return one(c.dtype(0), shape);
}

Result<Types> infer_transpose(InferContext& c) {
  const Shape& input = c.shape(0);
  RLX_TRY(normalise_axes(c, "perm", input));
  const std::vector<int64_t>& perm = c.attrs.ints("perm");
  if (perm.size() != input.rank()) return bad(c, "perm has {} entries for shape {}", perm.size(), text(c, input));
  Shape shape;
  for (const int64_t axis : perm) shape.push_back(input[static_cast<size_t>(axis)]);
  return one(c.dtype(0), shape);
}

Result<Types> infer_narrow(InferContext& c) {
  Shape shape = c.shape(0);
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", shape));
  RLX_TRY(check_present(c, "start"));
  RLX_TRY(check_present(c, "len"));
  const int64_t start = c.attrs.i("start"), len = c.attrs.i("len");
  if (start < 0 || len < 0 || (is_static(shape[axis]) && add_dims(start, len) > shape[axis]))
    return bad(c, "start {} and len {} out of range for axis {} of shape {}", start, len, axis, text(c, shape));
  shape[axis] = len;
  return one(c, c.dtype(0), shape.dims());
}

// The size of one axis of a slice. Resolves "to the end".
Result<int64_t> sliced_dim(InferContext& c, size_t axis, int64_t start, int64_t& end, int64_t step) {
  const int64_t dim = c.shape(0)[axis];
  if (end == kToTheEnd && step > 0) {
    if (!is_static(dim)) return start == 0 && step == 1 ? dim : kUnknownDim;
    end = dim;
  }
  const int64_t low = step > 0 ? 0 : -1;
  const int64_t high = !is_static(dim) ? INT64_MAX : step > 0 ? dim : dim - 1;
  if (start < low || start > high || end < low || (is_static(dim) && end > dim))
    return bad(c, "start {}, end {}, step {} out of range for axis {} of shape {}", start, end, step, axis, text(c, 0));
  // Distances fit: both positions are in [-1, 2^63). The smallest step is negated in unsigned arithmetic.
  const uint64_t distance = step > 0 ? (end > start ? uint64_t(end) - uint64_t(start) : 0)
                                     : (start > end ? uint64_t(start) - uint64_t(end) : 0);
  const uint64_t stride = step > 0 ? uint64_t(step) : uint64_t(0) - uint64_t(step);
  return static_cast<int64_t>(distance / stride + (distance % stride != 0));
}

Result<Types> infer_slice(InferContext& c) {
  const Shape& input = c.shape(0);
  for (const char* name : {"starts", "ends", "steps"}) {
    RLX_TRY(check_present(c, name));
    if (c.attrs.ints(name).size() != input.rank())
      return bad(c, "{} has {} entries for shape {}", name, c.attrs.ints(name).size(), text(c, input));
  }
  const std::vector<int64_t>& starts = c.attrs.ints("starts");
  const std::vector<int64_t>& steps = c.attrs.ints("steps");
  std::vector<int64_t> ends = c.attrs.ints("ends");
  std::vector<int64_t> dims(input.rank());
  for (size_t i = 0; i < input.rank(); ++i) {
    if (steps[i] == 0) return bad(c, "steps has a zero for axis {}", i);
    RLX_ASSIGN(dims[i], sliced_dim(c, i, starts[i], ends[i], steps[i]));
  }
  // A dim that stays open keeps its symbol, so only its values are checked here.
  Shape shape;
  for (const int64_t d : dims) shape.push_back(d);
  c.attrs.set("ends", std::move(ends));
  return one(c.dtype(0), shape);
}

Result<Types> infer_concat(InferContext& c) {
  Shape shape = c.shape(0);
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", shape));
  for (size_t i = 1; i < c.input_count(); ++i) {
    RLX_TRY(check_same_dtype(c, 0, i));
    const Shape& part = c.shape(i);
    bool fits = part.rank() == shape.rank();
    for (size_t d = 0; fits && d < shape.rank(); ++d) fits = d == axis || may_equal(part[d], shape[d]);
    if (!fits)
      return bad(c, "input {} has shape {}, which does not fit {} along axis {}", i, text(c, i), text(c, 0), axis);
    for (size_t d = 0; d < shape.rank(); ++d)
      shape[d] = d == axis ? add_dims(shape[d], part[d]) : merge(shape[d], part[d]);
  }
  return one(c, c.dtype(0), shape.dims());
}

Result<Types> infer_expand(InferContext& c) {
  const Shape& input = c.shape(0);
  RLX_ASSIGN(const std::vector<int64_t> dims, resolve_shape(c, false));
  RLX_ASSIGN(const Shape shape, make_shape(c, dims));
  bool fits = input.rank() <= shape.rank();
  for (size_t i = 0; fits && i < input.rank(); ++i) {
    const int64_t to = shape[shape.rank() - input.rank() + i];
    fits = input[i] == 1 || may_equal(input[i], to);
  }
  if (!fits) return bad(c, "shape {} does not broadcast to {}", text(c, input), text(c, shape));
  if (shape.is_static()) c.attrs.set("shape", dims);
  return one(c.dtype(0), shape);
}

Result<Types> infer_tile(InferContext& c) {
  const Shape& input = c.shape(0);
  RLX_TRY(check_present(c, "repeats"));
  RLX_TRY(fill_ints(c, "repeats", input.rank(), 1, 0));
  Shape shape = input;
  for (size_t i = 0; i < input.rank(); ++i) shape[i] = mul_dims(input[i], c.attrs.ints("repeats")[i]);
  return one(c, c.dtype(0), shape.dims());
}

Result<Types> infer_pad(InferContext& c) {
  const Shape& input = c.shape(0);
  if (c.has(1)) {
    RLX_TRY(check_same_dtype(c, 0, 1));
    RLX_TRY(check_scalar(c, 1));
  }
  RLX_TRY(check_present(c, "begins"));
  RLX_TRY(check_present(c, "ends"));
  RLX_TRY(fill_ints(c, "begins", input.rank(), 0, 0));
  RLX_TRY(fill_ints(c, "ends", input.rank(), 0, 0));
  const std::string& mode = c.attrs.str("mode");
  Shape shape = input;
  for (size_t i = 0; i < input.rank(); ++i) {
    const int64_t begin = c.attrs.ints("begins")[i], end = c.attrs.ints("ends")[i];
    const int64_t most = std::max(begin, end);
    const bool needs_data = mode != "constant" && most > 0 && input[i] == 0;
    if (needs_data || (mode == "reflect" && is_static(input[i]) && most >= std::max<int64_t>(input[i], 1)))
      return bad(c, "{} by {} and {} does not fit axis {} of shape {}", mode, begin, end, i, text(c, input));
    shape[i] = add_dims(input[i], add_dims(begin, end));
  }
  return one(c, c.dtype(0), shape.dims());
}

Result<Types> infer_reverse(InferContext& c) {
  RLX_TRY(normalise_axes(c, "axes", c.shape(0)));
  return one(c.dtype(0), c.shape(0));
}

}  // namespace

Family shape_ops() {
  static const OpSchema schemas[] = {
      {.name = "reshape",
       .flags = kOpShapeOnly,
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {ints_attr("shape")},
       .infer = infer_reshape},
      {.name = "transpose",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {ints_attr("perm")},
       .infer = infer_transpose},
      {.name = "narrow",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("axis"), int_attr("start"), int_attr("len")},
       .infer = infer_narrow,
       .decompose = decompose_narrow},
      {.name = "slice",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {ints_attr("starts"), ints_attr("ends"), ints_attr("steps")},
       .infer = infer_slice},
      {.name = "concat",
       .min_inputs = 1,
       .max_inputs = kAnyNumber,
       .required_inputs = kAnyNumber,
       .attrs = {int_attr("axis")},
       .infer = infer_concat},
      {.name = "expand",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {ints_attr("shape")},
       .infer = infer_expand},
      {.name = "tile",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {ints_attr("repeats")},
       .infer = infer_tile,
       .decompose = decompose_tile},
      {.name = "pad",
       .min_inputs = 1,
       .max_inputs = 2,
       .required_inputs = 1,
       .attrs = {choice_attr("mode", {"constant", "edge", "reflect", "wrap"}), ints_attr("begins"), ints_attr("ends"),
                 float_attr("value", 0)},
       .infer = infer_pad,
       .decompose = decompose_pad},
      {.name = "reverse",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {ints_attr("axes")},
       .infer = infer_reverse,
       .decompose = decompose_reverse},
  };
  return schemas;
}

}  // namespace rlx::ops
