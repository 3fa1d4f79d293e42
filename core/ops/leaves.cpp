// Leaves and state. The types of input, param and state are given by the caller of Graph::input, Graph::param and
// Graph::state, so these three have nothing to infer.
//   state_write: the state becomes x, or x replaces rows row … row + x.dim(axis) along axis
#include "ops/families.hpp"
#include "ops/infer.hpp"
#include "ops/spec.hpp"

namespace rlx::ops {
namespace {

Result<Types> infer_typed_leaf(InferContext& c) {
  return bad(c, "has no type of its own; add it with Graph::{}", c.schema.name);
}

Result<Types> infer_constant(InferContext& c) {
  const Literal* value = c.attrs.literal("value");
  if (!value) return bad(c, "attribute value is missing");
  if (!value->type.shape.is_static()) return bad(c, "shape {} is not static", text(c, value->type.shape));
  const auto bytes = static_cast<uint64_t>(value->type.bytes());
  if (value->bytes.size() != bytes)
    return bad(c, "value of type {} has {} bytes, needs {}", to_string(value->type), value->bytes.size(), bytes);
  return Types{value->type};
}

Result<Types> infer_state_write(InferContext& c) {
  if (c.inputs[0] != kNoValue && !c.graph.producer(c.inputs[0]).is("state"))
    return bad(c, "input 0 is not a state but the result of {}", c.graph.producer(c.inputs[0]).op());
  RLX_TRY(check_same_dtype(c, 0, 1));
  const Shape& state = c.shape(0);
  if (!c.has(2)) {
    RLX_TRY(check_shape(c, 1, state, "the new value"));
    return one(c.dtype(0), state);
  }
  RLX_TRY(check_dtype(c, 2, is_index, "i32 or i64"));
  RLX_TRY(check_scalar(c, 2));
  RLX_ASSIGN(const size_t axis, normalise_axis(c, "axis", state));
  Shape rows = state;
  if (c.shape(1).rank() == state.rank()) rows[axis] = c.shape(1)[axis];
  RLX_TRY(check_shape(c, 1, rows, "the written part"));
  if (is_static(rows[axis]) && is_static(state[axis]) && rows[axis] > state[axis])
    return bad(c, "writes {} rows into shape {}", rows[axis], text(c, state));
  return one(c.dtype(0), state);
}

}  // namespace

Family leaf_ops() {
  static const OpSchema schemas[] = {
      {.name = "input", .flags = kOpLeaf, .attrs = {string_attr("name")}, .infer = infer_typed_leaf},
      {.name = "param", .flags = kOpLeaf, .attrs = {string_attr("name")}, .infer = infer_typed_leaf},
      {.name = "state",
       .flags = kOpLeaf,
       .attrs = {string_attr("name"), literal_attr("init")},
       .infer = infer_typed_leaf},
      {.name = "constant", .flags = kOpLeaf, .attrs = {literal_attr("value")}, .infer = infer_constant},
      {.name = "state_write",
       .flags = kOpSideEffect,
       .min_inputs = 2,
       .max_inputs = 3,
       .required_inputs = 2,
       .attrs = {int_attr("axis", 0)},
       .infer = infer_state_write},
  };
  return schemas;
}

}  // namespace rlx::ops
