// Block rearrangements out of reshape, transpose and expand.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

namespace rlx::ops {

Result<Values> decompose_resize_nearest_2x(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape s = e.shape(e.in(0));
  const ValueId spread = e.expand(e.reshape(e.in(0), {s[0], s[1], s[2], 1, s[3], 1}), {s[0], s[1], s[2], 2, s[3], 2});
  return e.done({e.reshape(spread, e.result_types()[0].shape.dims())});
}

Result<Values> decompose_space_to_depth(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape s = e.shape(e.in(0));
  const int64_t b = e.attrs().i("block");
  const ValueId blocks = e.reshape(e.in(0), {s[0], s[1], s[2] / b, b, s[3] / b, b});
  return e.done({e.reshape(e.transpose(blocks, {0, 3, 5, 1, 2, 4}), e.result_types()[0].shape.dims())});
}

Result<Values> decompose_depth_to_space(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape s = e.shape(e.in(0));
  const int64_t b = e.attrs().i("block"), depth = s[1] / (b * b);
  const bool dcr = e.attrs().str("mode") == "dcr";
  const ValueId blocks = dcr ? e.transpose(e.reshape(e.in(0), {s[0], b, b, depth, s[2], s[3]}), {0, 3, 4, 1, 5, 2})
                             : e.transpose(e.reshape(e.in(0), {s[0], depth, b, b, s[2], s[3]}), {0, 1, 4, 2, 5, 3});
  return e.done({e.reshape(blocks, e.result_types()[0].shape.dims())});
}

}  // namespace rlx::ops
