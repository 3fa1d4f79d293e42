// matmul and linear: by the vendor's library where there is one that takes them, otherwise few rows by the kernel that
// reads the matrix once, what the device's matrix units multiply on them, all else with the tiled kernel. Rare
// activations are left to the decomposition.
#include "blas/launch.hpp"
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

// Of a node that has none.
constexpr uint32_t kNoBias = UINT32_MAX;

struct Operands {
  int64_t a_row, a_column, b_row, b_column;
};

// The leading axes of an operand, broadcast to the output's.
void put_batch(const rlx_tensor& t, const std::vector<uint64_t>& batch, Strides& out) {
  const Strides own = row_major(t);
  const uint32_t rank = t.rank < 2 ? 0 : t.rank - 2;
  out.assign(batch.size(), 0);
  for (uint32_t i = 0; i < rank; ++i)
    if (t.dims[i] != 1) out[batch.size() - rank + i] = own[i];
}

// Which kernel takes an m × n output in so many batches, and what it is launched with.
struct Choice {
  const char* header;
  std::string body;
  uint64_t blocks;
  uint32_t across, threads, shared_bytes;  // across: tiles along the columns
};

Choice choose(const Geometry& geometry, rlx_dtype dtype, uint64_t rows, uint64_t columns, uint64_t batches,
              const Operands& o) {
  if (is_float(dtype) && rows <= ::simt::kMostMatmulRows && o.a_column == 1) {
    constexpr uint32_t kThreads = 256, kVectorBytes = 16, kLanesAcross = 4;  // of device/row_matmul.hpp
    const uint32_t warps = kThreads / geometry.warp;
    const std::string type = "<" + type_name(dtype) + ">";
    if (o.b_row == 1)
      return {"row_matmul.hpp", "row_matmul_columns" + type, (columns + warps - 1) / warps * batches, 0, kThreads, 0};
    const auto bytes = static_cast<uint32_t>(sdk::dtype_size(dtype)), across = kLanesAcross * kVectorBytes / bytes;
    return {"row_matmul.hpp",
            "row_matmul_steps" + type,
            (columns + across - 1) / across * batches,
            0,
            kThreads,
            warps * ::simt::kMostMatmulRows * across * std::max<uint32_t>(bytes, sizeof(float))};
  }
  const std::string type = unit_type(geometry, dtype);
  if (type.empty()) {
    const Tiling tiling(rows, columns, batches, dtype);
    return {"matmul.hpp",   tiling.body("matmul", dtype), tiling.tiles, tiling.across,
            tiling.threads, tiling.shared_bytes};
  }
  const bool a_depth_major = o.a_column != 1, b_depth_major = o.b_row != 1;
  const Tiling tiling(geometry, rows, columns, batches, a_depth_major, b_depth_major,
                      static_cast<uint32_t>(sdk::dtype_size(dtype)));
  const std::string majors = std::string(a_depth_major ? ", true" : ", false") + (b_depth_major ? ", true" : ", false");
  return {"fragment_matmul.hpp", tiling.body("fragment_matmul", type, majors.c_str()),
          tiling.tiles,          tiling.across,
          tiling.threads,        tiling.shared_bytes};
}

// The launch of an m × n output in so many batches: by the vendor's library where that takes it. bias: an input of the
// node, which may be absent.
void launch_product(Emitter& e, const NodeView& n, ::simt::MatmulParams params, uint32_t bias) {
  if (launch_by_library(e, n, params, bias)) return;
  const Operands operands{params.a_row, params.a_column, params.b_row, params.b_column};
  const Choice choice = choose(e.geometry(), n.out().dtype, params.m, params.n, params.batches, operands);
  auto launch = e.launch<::simt::MatmulParams>(choice.header, choice.body);
  launch.params = params;
  launch.params.tiles_n = choice.across;
  launch.point(launch.params.a, n.input(0));
  launch.point(launch.params.b, n.input(1));
  if (n.has_input(bias)) launch.point(launch.params.bias, n.input(bias));
  launch.point(launch.params.y, n.output(0));
  launch.blocks(grid_for(e.geometry(), choice.blocks, 1), choice.threads, choice.shared_bytes);
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
  ::simt::MatmulParams params{};
  params.m = a.rows;
  params.n = b.columns;
  params.k = a.columns;
  params.batches = space.count();
  params.a_row = a.row_stride;
  params.a_column = a.column_stride;
  params.b_row = b.row_stride;
  params.b_column = b.column_stride;
  params.batch_rank = static_cast<uint32_t>(space.dims.size());
  for (size_t i = 0; i < space.dims.size(); ++i) {
    params.batch_dims[i] = space.dims[i];
    params.a_batch[i] = space.operands[0][i];
    params.b_batch[i] = space.operands[1][i];
  }
  launch_product(e, n, params, kNoBias);
}

Claim claim_linear(const NodeView& n) {
  return claim_activation(n);
}

void emit_linear(Emitter& e, const NodeView& n) {
  const rlx_tensor &x = n.in(0), &w = n.in(1);
  const bool kn = n.s("w_layout") == "kn";
  ::simt::MatmulParams params{};
  params.k = w.dims[kn ? 0 : 1];
  params.n = w.dims[kn ? 1 : 0];
  params.m = params.batches = 1;
  for (uint32_t i = 0; i + 1 < x.rank; ++i) params.m *= x.dims[i];
  params.a_row = static_cast<int64_t>(params.k);
  params.a_column = 1;
  params.b_row = kn ? static_cast<int64_t>(params.n) : 1;
  params.b_column = kn ? 1 : static_cast<int64_t>(params.k);
  params.activation = *activation_of(n);
  launch_product(e, n, params, 2);
}

}  // namespace rlx::simt::kernels
