// The vocabulary of shape inference: checks that return a worded error, and arithmetic on dims that may be unknown.
// Used by the op families in this folder and by nothing else. Dims are bounded by kMaxElements (Shape::make); the
// arithmetic here saturates, so that a size that does not fit is refused there and never wraps.
#pragma once

#include <rlx/graph.hpp>

#include <fmt/core.h>

namespace rlx::ops {

using Types = std::vector<TensorType>;
using Values = std::vector<ValueId>;

tl::unexpected<Error> bad_text(const InferContext& context, fmt::string_view format, fmt::format_args args);

// INVALID_ARGUMENT with the op's name in front.
template <typename... Args>
tl::unexpected<Error> bad(const InferContext& context, fmt::format_string<Args...> format, const Args&... args) {
  return bad_text(context, format, fmt::make_format_args(args...));
}

// "[2, n]" with the graph's symbol names.
std::string text(const InferContext& context, const Shape& shape);
std::string text(const InferContext& context, size_t input);

// ---- dtypes ----
bool is_index(DType dtype);  // i32, i64
bool is_any(DType dtype);
bool is_number_or_bool(DType dtype);
bool is_bool(DType dtype);

// `accepts` names the class for the message: "a float", "i32 or i64".
Status check_dtype(const InferContext& context, size_t input, bool (*accepts)(DType), std::string_view name);
// Present inputs i and j have equal dtypes.
Status check_same_dtype(const InferContext& context, size_t i, size_t j);

// ---- shapes ----
Status check_rank(const InferContext& context, size_t input, size_t rank);
Status check_rank_between(const InferContext& context, size_t input, size_t low, size_t high);
// Input i's shape fits `shape`: same rank, equal dims wherever both are static. `what` describes the expectation.
Status check_shape(const InferContext& context, size_t input, const Shape& shape, std::string_view what);
Status check_scalar(const InferContext& context, size_t input);
// Shape::make with the op's name before its error.
Result<Shape> make_shape(const InferContext& context, std::span<const int64_t> dims);
Result<Shape> broadcast_inputs(const InferContext& context, size_t first, size_t last);
// One output.
Result<Types> one(DType dtype, const Shape& shape);
Result<Types> one(const InferContext& context, DType dtype, std::span<const int64_t> dims);

// Equal, or at least one is not static.
bool may_equal(int64_t a, int64_t b);
// Of two dims that may be equal, the one that says more.
int64_t merge(int64_t a, int64_t b);
// Unknown when an operand is not static; saturating.
int64_t add_dims(int64_t a, int64_t b);
int64_t mul_dims(int64_t a, int64_t b);

// ---- attributes ----
// The attribute is there; for those whose default depends on other things.
Status check_present(const InferContext& context, std::string_view name);
Status check_positive(const InferContext& context, std::string_view name);
// Makes the axis attribute non-negative and returns it. The axis must be in [-rank, rank).
Result<size_t> normalise_axis(InferContext& context, std::string_view name, const Shape& shape);
// The same for a list; also refuses duplicates.
Status normalise_axes(InferContext& context, std::string_view name, const Shape& shape);
// A list of n entries; an empty one becomes n times `fallback`. Entries below `least` are errors.
Status fill_ints(InferContext& context, std::string_view name, size_t n, int64_t fallback, int64_t least);

}  // namespace rlx::ops
