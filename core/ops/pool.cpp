// Pools over NC… with 1 to 3 spatial axes.
//   pool: max, mean or (Σ|x|^p)^(1/p) over windows; max may also give flat indices into x
//   global_pool: the same over all spatial axes, which become 1
#include "ops/emit.hpp"
#include "ops/families.hpp"
#include "ops/spec.hpp"
#include "ops/window.hpp"

namespace rlx::ops {
namespace {

Status check_pool_dtype(InferContext& c) {
  if (c.attrs.str("kind") == "max") return check_dtype(c, 0, is_number, "a number");
  return check_dtype(c, 0, is_float, "a float");
}

// A convolution's taps are bounded by its weights' bytes; a pool has to be bounded here, or counting them overflows.
Status check_taps(InferContext& c) {
  constexpr int64_t kMostTaps = int64_t{1} << 31;
  int64_t taps = 1;
  for (const int64_t k : c.attrs.ints("kernel")) {
    if (k > kMostTaps / taps) return bad(c, "a kernel entry of {} makes more than {} taps", k, kMostTaps);
    taps *= k;
  }
  return {};
}

Result<Types> infer_pool(InferContext& c) {
  RLX_TRY(check_pool_dtype(c));
  RLX_TRY(check_spatial(c));
  RLX_TRY(check_positive(c, "p"));
  const Shape& x = c.shape(0);
  const size_t spatial = x.rank() - kFirstSpatial;
  if (c.attrs.ints("kernel").size() != spatial)
    return bad(c, "kernel has {} entries for shape {}", c.attrs.ints("kernel").size(), text(c, 0));
  RLX_TRY(fill_ints(c, "kernel", spatial, 1, 1));
  RLX_TRY(check_taps(c));
  RLX_TRY(normalise_window(c));
  if (c.output_count == 2 && c.attrs.str("kind") != "max")
    return bad(c, "only kind max has indices, not {}", c.attrs.str("kind"));
  std::vector<int64_t> dims = {x[0], x[1]};
  for (size_t i = 0; i < spatial; ++i) {
    RLX_ASSIGN(const int64_t dim, windowed_dim(c, i, c.attrs.ints("kernel")[i], c.attrs.flag("ceil_mode")));
    dims.push_back(dim);
  }
  RLX_ASSIGN(const Shape shape, make_shape(c, dims));
  Types types = {{c.dtype(0), shape}};
  if (c.output_count == 2) types.push_back({DType::kI64, shape});
  return types;
}

Result<Types> infer_global_pool(InferContext& c) {
  RLX_TRY(check_pool_dtype(c));
  RLX_TRY(check_rank_between(c, 0, kFirstSpatial + 1, kMaxRank));
  RLX_TRY(check_positive(c, "p"));
  Shape shape = c.shape(0);
  for (size_t i = kFirstSpatial; i < shape.rank(); ++i) shape[i] = 1;
  return one(c.dtype(0), shape);
}

Result<Values> decompose_global_pool(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const std::string& kind = e.attrs().str("kind");
  const Axes axes = axis_range(kFirstSpatial, e.shape(e.in(0)).rank());
  if (kind != "lp") return e.done({e.reduce(kind, e.in(0), axes)});
  const int64_t p = e.attrs().i("p");
  if (p <= 2) return e.done({e.reduce(p == 1 ? "l1" : "l2", e.in(0), axes)});
  const ValueId x = e.unary("abs", e.widen(e.in(0)));
  const ValueId sum = e.reduce("sum", e.binary("pow", x, e.like(x, static_cast<double>(p))), axes);
  const ValueId y = e.binary("pow", sum, e.like(x, 1.0 / static_cast<double>(p)));
  return e.done({e.cast(y, e.dtype(e.in(0)))});
}

}  // namespace

Family pool_ops() {
  static const OpSchema schemas[] = {
      {.name = "pool",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .max_outputs = 2,
       .attrs = {choice_attr("kind", {"max", "mean", "lp"}), ints_attr("kernel"), optional_ints_attr("strides"),
                 optional_ints_attr("pads_begin"), optional_ints_attr("pads_end"), optional_ints_attr("dilations"),
                 flag_attr("count_include_pad", false), flag_attr("ceil_mode", false), int_attr("p", 2),
                 flag_attr("column_major", false)},
       .infer = infer_pool},
      {.name = "global_pool",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {choice_attr("kind", {"max", "mean", "lp"}), int_attr("p", 2)},
       .infer = infer_global_pool,
       .decompose = decompose_global_pool},
  };
  return schemas;
}

}  // namespace rlx::ops
