// Random ops: Philox4x32-10 on (element/4, run), keyed by seed and node; docs/ops.md has the exact words and formulas.
//   random_uniform: low + u·(high − low)      random_normal: mean + scale·Box-Muller
//   bernoulli: u < p                          dropout: u ≥ ratio ? x/(1 − ratio) : 0 when training
//   sample: an id for each row of logits
#include "ops/emit.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

#include <cmath>

namespace rlx::ops {
namespace {

Result<Types> infer_random(InferContext& c) {
  RLX_TRY(check_present(c, "shape"));
  const DType to = c.attrs.dtype("to");
  if (!is_valid(to) || !is_float(to)) return bad(c, "to is {}, needs a float", name_of(to));
  for (const int64_t d : c.attrs.ints("shape"))
    if (d < 0) return bad(c, "shape has entry {}", d);
  return one(c, to, c.attrs.ints("shape"));
}

Result<Types> infer_bernoulli(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  if (!c.attrs.has("to")) c.attrs.set("to", c.dtype(0));
  const DType to = c.attrs.dtype("to");
  if (!is_valid(to) || to == DType::kC64) return bad(c, "to is {}, needs a number or bool", name_of(to));
  return one(to, c.shape(0));
}

Result<Types> infer_dropout(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  const double ratio = c.attrs.f("ratio");
  if (!(ratio >= 0 && ratio < 1)) return bad(c, "ratio {} is not in [0, 1)", ratio);
  Types types = {{c.dtype(0), c.shape(0)}};
  if (c.output_count == 2) types.push_back({DType::kBool, c.shape(0)});
  return types;
}

Result<Types> infer_sample(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  Shape ids = c.shape(0);
  if (ids.rank() == 0) return bad(c, "logits have rank 0, need at least one axis");
  if (ids[ids.rank() - 1] == 0) return bad(c, "last axis of shape {} is empty", text(c, 0));
  const double temperature = c.attrs.f("temperature"), top_p = c.attrs.f("top_p"), min_p = c.attrs.f("min_p");
  if (!(temperature >= 0 && std::isfinite(temperature)))
    return bad(c, "temperature {} is not a finite number of at least 0", temperature);
  if (c.attrs.i("top_k") < 0) return bad(c, "top_k {} is negative", c.attrs.i("top_k"));
  if (!(top_p >= 0 && top_p <= 1)) return bad(c, "top_p {} is not in [0, 1]", top_p);
  if (!(min_p >= 0 && min_p <= 1)) return bad(c, "min_p {} is not in [0, 1]", min_p);
  ids.erase(ids.rank() - 1);
  return one(DType::kI64, ids);
}

ValueId uniform(Emit& e, const Shape& shape) {
  return e.op(
      "random_uniform", {},
      {{"shape", Axes(shape.begin(), shape.end())}, {"seed", e.attrs().i("seed")}, {"key", e.attrs().i("key")}});
}

Result<Values> decompose_bernoulli(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const ValueId p = e.widen(e.in(0));
  const ValueId u = e.cast(uniform(e, e.shape(p)), e.dtype(p));
  return e.done({e.cast(e.compare("lt", u, p), e.attrs().dtype("to"))});
}

Result<Values> decompose_dropout(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape shape = e.shape(e.in(0));
  const size_t outputs = e.result_types().size();
  const double ratio = e.attrs().f("ratio");
  if (!e.attrs().flag("train")) {
    const ValueId y = e.op("copy", {e.in(0)});
    if (outputs == 1) return e.done({y});
    return e.done({y, e.expand(e.scalar(DType::kBool, 1), shape.dims())});
  }
  // u is a multiple of 2^-24. Rounded up to the next such multiple the limit is exact in f32 and splits them alike.
  const double limit = std::ceil(ratio * 0x1p24) * 0x1p-24;
  const ValueId kept = e.compare("ge", uniform(e, shape), e.scalar(DType::kF32, limit));
  const ValueId x = e.widen(e.in(0));
  const ValueId y = e.cast(e.where(kept, e.div(x, e.like(x, 1 - ratio)), e.like(x, 0)), e.dtype(e.in(0)));
  if (outputs == 1) return e.done({y});
  return e.done({y, kept});
}

}  // namespace

Family random_ops() {
  static const OpSchema schemas[] = {
      {.name = "random_uniform",
       .flags = kOpRandom,
       .attrs = {ints_attr("shape"), float_attr("low", 0), float_attr("high", 1), int_attr("seed", 0),
                 int_attr("key", 0), dtype_attr("to", DType::kF32)},
       .infer = infer_random},
      {.name = "random_normal",
       .flags = kOpRandom,
       .attrs = {ints_attr("shape"), float_attr("mean", 0), float_attr("scale", 1), int_attr("seed", 0),
                 int_attr("key", 0), dtype_attr("to", DType::kF32)},
       .infer = infer_random},
      {.name = "bernoulli",
       .flags = kOpRandom,
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {int_attr("seed", 0), int_attr("key", 0), dtype_attr("to")},
       .infer = infer_bernoulli,
       .decompose = decompose_bernoulli},
      {.name = "dropout",
       .flags = kOpRandom,
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .max_outputs = 2,
       .attrs = {float_attr("ratio", 0.5), flag_attr("train", false), int_attr("seed", 0), int_attr("key", 0)},
       .infer = infer_dropout,
       .decompose = decompose_dropout},
      {.name = "sample",
       .flags = kOpRandom,
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {float_attr("temperature", 1), int_attr("top_k", 0), float_attr("top_p", 1), float_attr("min_p", 0),
                 int_attr("seed", 0), int_attr("key", 0)},
       .infer = infer_sample},
  };
  return schemas;
}

}  // namespace rlx::ops
