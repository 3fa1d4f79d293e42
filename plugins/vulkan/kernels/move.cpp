// Ops that only move elements, as copies between two strided layouts, and writes to states.
#include "kernels/layout.hpp"

#include <rlx/sdk/moves.hpp>

namespace rlx::vulkan {

void move_flat(Plan& plan, uint32_t from, uint32_t to) {
  const rlx_tensor& t = plan.node.program().tensor(to);
  gpu::MoveParams p{};
  p.count = p.dims[0] = plan.count_of(t);
  p.width = static_cast<uint32_t>(sdk::dtype_size(t.dtype));
  p.rank = 1;
  p.src_strides[0] = p.dst_strides[0] = 1;
  plan.dispatch({Shader::k_move}, Plan::lanes_for(p.count), p, {{&p.src, from}, {&p.dst, to, true}});
}

namespace kernels {

namespace {

void move(Plan& plan, const sdk::StridedMove& m) {
  Layout layout{m.dims, {m.src, m.dst}};
  uint64_t count = 1;
  for (uint64_t d : m.dims) count *= d;
  if (count == 0) return;
  // A step may be huge when it is taken only once: such dims go.
  layout.collapse();
  const uint64_t width = sdk::dtype_size(plan.node.out().dtype);
  gpu::MoveParams p{};
  p.count = plan.small(count, "elements");
  p.rank = static_cast<uint32_t>(layout.rank());
  p.width = static_cast<uint32_t>(width);
  put(plan, p.dims, layout.dims);
  put(plan, p.src_strides, layout.strides[0]);
  put(plan, p.dst_strides, layout.strides[1]);
  plan.dispatch({Shader::k_move}, Plan::lanes_for(count), p,
                {{&p.src, plan.node.input(m.input), false, static_cast<uint64_t>(m.src_start) * width},
                 {&p.dst, plan.node.output(0), true, static_cast<uint64_t>(m.dst_start) * width}});
}

// The whole output gets one element: an input's, or bits that lie in the parameters.
void fill(Plan& plan, const sdk::Moves& moves) {
  const rlx_tensor& y = plan.node.out();
  gpu::MoveParams p{};
  p.count = p.dims[0] = plan.count_of(y);
  p.rank = 1;
  p.width = static_cast<uint32_t>(sdk::dtype_size(y.dtype));
  p.dst_strides[0] = 1;
  if (moves.fill_input != RLX_NO_INDEX) {
    plan.dispatch({Shader::k_move}, Plan::lanes_for(p.count), p,
                  {{&p.src, plan.node.input(moves.fill_input)}, {&p.dst, plan.node.output(0), true}});
    return;
  }
  p.has_value = 1;
  p.value = moves.fill_bits;
  plan.dispatch({Shader::k_move}, Plan::lanes_for(p.count), p, {{&p.dst, plan.node.output(0), true}});
}

}  // namespace

void moves(Plan& plan) {
  const std::optional<sdk::Moves> moves = sdk::moves_of(plan.node);
  if (!moves) plan.refuse("no kernel for this mode");
  if (moves->fills) fill(plan, *moves);
  for (const sdk::StridedMove& m : moves->copies) move(plan, m);
}

// The state becomes x, or takes rows of it. The output is the state after that, usually a view of it.
void state_write(Plan& plan) {
  const rlx_tensor &state = plan.node.in(0), &x = plan.node.in(1), &y = plan.node.out();
  if (!plan.node.has_input(2)) {
    move_flat(plan, plan.node.input(1), plan.node.input(0));
  } else {
    if (x.view_of == plan.node.input(0)) plan.refuse("the rows to write are a view of the state");
    const size_t axis = static_cast<size_t>(plan.node.i("axis"));
    const AxisSplit at = split_at(state, axis);
    gpu::RowsParams p{};
    p.count = plan.count_of(x);
    p.width = static_cast<uint32_t>(sdk::dtype_size(state.dtype));
    p.row_dtype = plan.node.in(2).dtype;
    p.rows = plan.small(x.dims[axis], "rows");
    p.inner = plan.small(at.inner, "elements of a row");
    p.size = plan.small(at.size, "rows");
    plan.dispatch({Shader::k_rows}, Plan::lanes_for(p.count), p,
                  {{&p.src, plan.node.input(1)}, {&p.dst, plan.node.input(0), true}, {&p.row, plan.node.input(2)}});
  }
  if (y.view_of != plan.node.input(0)) move_flat(plan, plan.node.input(0), plan.node.output(0));
}

}  // namespace kernels

}  // namespace rlx::vulkan
