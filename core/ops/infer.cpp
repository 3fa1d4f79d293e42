// Checks and dim arithmetic shared by the inference functions; see infer.hpp.
#include "ops/infer.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace rlx::ops {

tl::unexpected<Error> bad_text(const InferContext& context, fmt::string_view format, fmt::format_args args) {
  return error(Code::kInvalidArgument, fmt::format("{}: {}", context.schema.name, fmt::vformat(format, args)));
}

std::string text(const InferContext& context, const Shape& shape) {
  return to_string(shape, context.graph.symbols());
}
std::string text(const InferContext& context, size_t input) {
  return text(context, context.shape(input));
}

bool is_index(DType dtype) {
  return dtype == DType::kI32 || dtype == DType::kI64;
}
bool is_any(DType) {
  return true;
}
bool is_number_or_bool(DType dtype) {
  return is_number(dtype) || is_bool(dtype);
}
bool is_bool(DType dtype) {
  return dtype == DType::kBool;
}

Status check_dtype(const InferContext& context, size_t input, bool (*accepts)(DType), std::string_view name) {
  if (accepts(context.dtype(input))) return {};
  return bad(context, "input {} has dtype {}, needs {}", input, name_of(context.dtype(input)), name);
}

Status check_same_dtype(const InferContext& context, size_t i, size_t j) {
  if (context.dtype(i) == context.dtype(j)) return {};
  return bad(context, "inputs {} and {} have different dtypes, {} and {}", i, j, name_of(context.dtype(i)),
             name_of(context.dtype(j)));
}

Status check_rank(const InferContext& context, size_t input, size_t rank) {
  if (context.shape(input).rank() == rank) return {};
  return bad(context, "input {} has shape {}, needs rank {}", input, text(context, input), rank);
}

Status check_rank_between(const InferContext& context, size_t input, size_t low, size_t high) {
  const size_t rank = context.shape(input).rank();
  if (rank >= low && rank <= high) return {};
  if (high >= kMaxRank)
    return bad(context, "input {} has shape {}, needs rank >= {}", input, text(context, input), low);
  return bad(context, "input {} has shape {}, needs rank {} to {}", input, text(context, input), low, high);
}

Status check_shape(const InferContext& context, size_t input, const Shape& shape, std::string_view what) {
  const Shape& actual = context.shape(input);
  bool fits = actual.rank() == shape.rank();
  for (size_t i = 0; fits && i < shape.rank(); ++i) fits = may_equal(actual[i], shape[i]);
  if (fits) return {};
  return bad(context, "{} has shape {}, needs {}", what, text(context, input), text(context, shape));
}

Status check_scalar(const InferContext& context, size_t input) {
  if (context.shape(input).rank() == 0) return {};
  return bad(context, "input {} has shape {}, needs a scalar", input, text(context, input));
}

Result<Shape> make_shape(const InferContext& context, std::span<const int64_t> dims) {
  auto shape = Shape::make(dims);
  if (!shape) return with_context(std::move(shape).error(), context.schema.name);
  return *shape;
}

Result<Shape> broadcast_inputs(const InferContext& context, size_t first, size_t last) {
  Shape shape = context.shape(first);
  for (size_t i = first + 1; i < last; ++i) {
    auto wider = broadcast(shape, context.shape(i));
    if (!wider) return with_context(std::move(wider).error(), context.schema.name);
    shape = *wider;
  }
  return make_shape(context, shape.dims());
}

Result<Types> one(DType dtype, const Shape& shape) {
  return Types{{dtype, shape}};
}

Result<Types> one(const InferContext& context, DType dtype, std::span<const int64_t> dims) {
  RLX_ASSIGN(const Shape shape, make_shape(context, dims));
  return one(dtype, shape);
}

bool may_equal(int64_t a, int64_t b) {
  return a == b || a < 0 || b < 0;
}
int64_t merge(int64_t a, int64_t b) {
  if (a >= 0 || b == kUnknownDim) return a;
  if (b >= 0 || a == kUnknownDim) return b;
  return a == b ? a : kUnknownDim;
}
int64_t add_dims(int64_t a, int64_t b) {
  if (a == 0) return b;
  if (b == 0) return a;
  if (a < 0 || b < 0) return kUnknownDim;
  int64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}
int64_t mul_dims(int64_t a, int64_t b) {
  if (a == 1) return b;
  if (b == 1) return a;
  if (a == 0 || b == 0) return 0;
  if (a < 0 || b < 0) return kUnknownDim;
  int64_t product;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

Status check_present(const InferContext& context, std::string_view name) {
  if (context.attrs.has(name)) return {};
  return bad(context, "attribute {} is missing", name);
}

Status check_positive(const InferContext& context, std::string_view name) {
  RLX_TRY(check_present(context, name));
  if (context.attrs.i(name) > 0) return {};
  return bad(context, "{} is {}, needs at least 1", name, context.attrs.i(name));
}

Result<size_t> normalise_axis(InferContext& context, std::string_view name, const Shape& shape) {
  RLX_TRY(check_present(context, name));
  const int64_t axis = context.attrs.i(name);
  const auto rank = static_cast<int64_t>(shape.rank());
  if (axis < -rank || axis >= rank)
    return bad(context, "{} {} out of range for shape {}", name, axis, text(context, shape));
  const int64_t positive = axis < 0 ? axis + rank : axis;
  context.attrs.set(name, positive);
  return static_cast<size_t>(positive);
}

Status normalise_axes(InferContext& context, std::string_view name, const Shape& shape) {
  RLX_TRY(check_present(context, name));
  std::vector<int64_t> axes = context.attrs.ints(name);
  const auto rank = static_cast<int64_t>(shape.rank());
  uint32_t seen = 0;
  for (int64_t& axis : axes) {
    if (axis < -rank || axis >= rank)
      return bad(context, "{} has axis {}, out of range for shape {}", name, axis, text(context, shape));
    if (axis < 0) axis += rank;
    if (seen >> axis & 1) return bad(context, "{} names axis {} twice", name, axis);
    seen |= 1u << axis;
  }
  context.attrs.set(name, std::move(axes));
  return {};
}

Status fill_ints(InferContext& context, std::string_view name, size_t n, int64_t fallback, int64_t least) {
  std::vector<int64_t> values = context.attrs.ints(name);
  if (values.empty()) values.assign(n, fallback);
  if (values.size() != n) return bad(context, "{} has {} entries, needs {}", name, values.size(), n);
  for (const int64_t v : values)
    if (v < least) return bad(context, "{} has entry {}, needs at least {}", name, v, least);
  context.attrs.set(name, std::move(values));
  return {};
}

}  // namespace rlx::ops
