// matmul and linear with the tiled kernel. A linear with an activation is left to its decomposition, whose activation
// joins an elementwise region.
#include "kernel.hpp"
#include "product.hpp"
#include "strides.hpp"

namespace rlx::simt::kernels {

namespace {

// A vector is one row on the left and one column on the right.
struct Matrix {
  uint64_t rows, columns;
  int64_t row_stride, column_stride;
};
Matrix matrix_of(const rlx_tensor& t, bool transposed, bool is_left) {
  if (t.rank == 1) return is_left ? Matrix{1, t.dims[0], 0, 1} : Matrix{t.dims[0], 1, 1, 0};
  const uint64_t rows = t.dims[t.rank - 2], columns = t.dims[t.rank - 1];
  return transposed ? Matrix{columns, rows, 1, static_cast<int64_t>(columns)}
                    : Matrix{rows, columns, static_cast<int64_t>(columns), 1};
}

// The leading axes of an operand, broadcast to the output's.
void put_batch(const rlx_tensor& t, const std::vector<uint64_t>& batch, Strides& out) {
  const Strides own = row_major(t);
  const uint32_t rank = t.rank < 2 ? 0 : t.rank - 2;
  out.assign(batch.size(), 0);
  for (uint32_t i = 0; i < rank; ++i)
    if (t.dims[i] != 1) out[batch.size() - rank + i] = own[i];
}

// The launch of an m × n output in so many batches; fill gives what the operands look like.
template <typename Fill>
void launch_tiles(Emitter& e, const NodeView& n, uint64_t rows, uint64_t columns, uint64_t batches, Fill&& fill) {
  const Tiling tiling(rows, columns, batches, n.out().dtype);
  auto launch = e.launch<::simt::MatmulParams>("matmul.hpp", tiling.body("matmul", n.out().dtype));
  launch.params.m = rows;
  launch.params.n = columns;
  launch.params.batches = batches;
  launch.params.tiles_n = tiling.across;
  fill(launch);
  launch.point(launch.params.a, n.input(0));
  launch.point(launch.params.b, n.input(1));
  launch.point(launch.params.y, n.output(0));
  launch.blocks(grid_for(e.geometry(), tiling.tiles, 1), tiling.threads, tiling.shared_bytes);
}

}  // namespace

Claim claim_matmul(const NodeView&) {
  return Claim::native();
}

void emit_matmul(Emitter& e, const NodeView& n) {
  const Matrix a = matrix_of(n.in(0), n.flag("trans_a"), true), b = matrix_of(n.in(1), n.flag("trans_b"), false);
  const uint32_t matrix_axes = (n.in(0).rank > 1) + (n.in(1).rank > 1);
  std::vector<uint64_t> batch(n.out().dims, n.out().dims + n.out().rank - matrix_axes);
  Space space{batch, {{}, {}}};
  put_batch(n.in(0), batch, space.operands[0]);
  put_batch(n.in(1), batch, space.operands[1]);
  space.collapse();
  launch_tiles(e, n, a.rows, b.columns, space.count(), [&](auto& launch) {
    launch.params.k = a.columns;
    launch.params.a_row = a.row_stride;
    launch.params.a_column = a.column_stride;
    launch.params.b_row = b.row_stride;
    launch.params.b_column = b.column_stride;
    launch.params.batch_rank = static_cast<uint32_t>(space.dims.size());
    for (size_t i = 0; i < space.dims.size(); ++i) {
      launch.params.batch_dims[i] = space.dims[i];
      launch.params.a_batch[i] = space.operands[0][i];
      launch.params.b_batch[i] = space.operands[1][i];
    }
  });
}

Claim claim_linear(const NodeView& n) {
  return n.s("activation") == "none" ? Claim::native() : Claim::no("its activation is a node of its own here");
}

void emit_linear(Emitter& e, const NodeView& n) {
  const rlx_tensor &x = n.in(0), &w = n.in(1);
  const bool kn = n.s("w_layout") == "kn";
  const uint64_t k = w.dims[kn ? 0 : 1], columns = w.dims[kn ? 1 : 0];
  uint64_t rows = 1;
  for (uint32_t i = 0; i + 1 < x.rank; ++i) rows *= x.dims[i];
  launch_tiles(e, n, rows, columns, 1, [&](auto& launch) {
    launch.params.k = k;
    launch.params.a_row = static_cast<int64_t>(k);
    launch.params.a_column = 1;
    launch.params.b_row = kn ? static_cast<int64_t>(columns) : 1;
    launch.params.b_column = kn ? 1 : static_cast<int64_t>(k);
    if (n.has_input(2)) launch.point(launch.params.bias, n.input(2));
  });
}

}  // namespace rlx::simt::kernels
