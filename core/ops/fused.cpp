// Fused blocks that the compiler's passes and some frontends make. fused_conv_bias_act is in conv.cpp.
//   fused_elementwise:   a region of elementwise steps; every output has the broadcast shape of all inputs
//   fused_residual_norm: sum = x + residual; norm of sum
//   fused_swiglu:        silu(gate)·up for the two halves of the last axis
#include "ops/decompose.hpp"
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

constexpr size_t kMaxRegionOutputs = 8;

// Only elementwise steps, fed by leaves of the node's input dtypes.
Status check_body(InferContext& c, const Graph& body) {
  if (body.inputs().size() != c.input_count())
    return bad(c, "the body has {} inputs, the node has {}", body.inputs().size(), c.input_count());
  for (size_t i = 0; i < c.input_count(); ++i) {
    const DType dtype = body.dtype(body.inputs()[i]);
    if (dtype != c.dtype(i))
      return bad(c, "the body's input {} has dtype {}, the node's {}", i, name_of(dtype), name_of(c.dtype(i)));
  }
  for (NodeId id = 0; id < body.node_count(); ++id) {
    const Node& node = body.node(id);
    if (node.erased() || node.is("input")) continue;
    if (!(node.schema->flags & kOpElementwise)) return bad(c, "the body has a {}, which is not elementwise", node.op());
    if (node.is("clamp") && node.inputs.size() > 1) return bad(c, "the body has a clamp with tensor limits");
  }
  return {};
}

Result<Types> infer_fused_elementwise(InferContext& c) {
  if (c.regions.size() != 1) return bad(c, "{} regions, needs the body", c.regions.size());
  const Graph& body = c.regions[0];
  RLX_TRY(check_body(c, body));
  if (body.outputs().empty() || body.outputs().size() > kMaxRegionOutputs)
    return bad(c, "the body has {} outputs, needs 1 to {}", body.outputs().size(), kMaxRegionOutputs);
  RLX_ASSIGN(const Shape shape, broadcast_inputs(c, 0, c.input_count()));
  Types types;
  for (const GraphOutput& output : body.outputs()) types.push_back({body.dtype(output.value), shape});
  return types;
}

Result<Types> infer_residual_norm(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  const Shape& x = c.shape(0);
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", x));
  RLX_TRY(check_same_dtype(c, 0, 1));
  RLX_TRY(check_shape(c, 1, x, "the residual"));
  for (const size_t i : {2, 3}) {
    if (!c.has(i)) continue;
    RLX_TRY(check_same_dtype(c, 0, i));
    RLX_TRY(check_shape(c, i, Shape(x.dims().subspan(axis)), i == 2 ? "gamma" : "beta"));
  }
  if (!c.attrs.has("eps")) c.attrs.set("eps", c.attrs.str("kind") == "rms" ? 1e-6 : 1e-5);
  return Types{{c.dtype(0), x}, {c.dtype(0), x}};
}

Result<Types> infer_swiglu(InferContext& c) {
  RLX_TRY(check_dtype(c, 0, is_float, "a float"));
  RLX_TRY(check_rank_between(c, 0, 1, kMaxRank));
  Shape shape = c.shape(0);
  int64_t& width = shape[shape.rank() - 1];
  if (is_static(width) && width % 2 != 0) return bad(c, "the last dim of {} is odd", text(c, 0));
  width = is_static(width) ? width / 2 : kUnknownDim;
  return one(c.dtype(0), shape);
}

}  // namespace

Family fused_ops() {
  static const OpSchema schemas[] = {
      {.name = "fused_elementwise",
       .min_inputs = 1,
       .max_inputs = 16,
       .required_inputs = 16,
       .max_outputs = kMaxRegionOutputs,
       .infer = infer_fused_elementwise,
       .decompose = decompose_fused_elementwise},
      {.name = "fused_residual_norm",
       .min_inputs = 2,
       .max_inputs = 4,
       .required_inputs = 2,
       .min_outputs = 2,
       .max_outputs = 2,
       .attrs = {choice_attr("kind", {"layer", "rms"}), int_attr("axis", -1), float_attr("eps")},
       .infer = infer_residual_norm,
       .decompose = decompose_residual_norm},
      {.name = "fused_swiglu",
       .min_inputs = 1,
       .max_inputs = 1,
       .required_inputs = 1,
       .attrs = {flag_attr("gate_first", true)},
       .infer = infer_swiglu,
       .decompose = decompose_swiglu},
  };
  return schemas;
}

}  // namespace rlx::ops
