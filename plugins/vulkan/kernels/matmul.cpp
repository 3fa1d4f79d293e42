// Matrix products as one: batches of matrices with any strides.
#include "kernels/layout.hpp"
#include "kernels/product.hpp"

#include <algorithm>
#include <utility>

namespace rlx::vulkan::kernels {

namespace {

// An operand as a batch of matrices.
struct Matrices {
  std::span<const uint64_t> batch;
  uint64_t rows, cols;
  int64_t row_stride, col_stride;
};

// A vector is one row on the left and one column on the right.
Matrices matrices_of(const rlx_tensor& t, bool transposed, bool is_left) {
  const auto dims = sdk::dims(t);
  if (dims.size() == 1) {
    const uint64_t n = dims[0];
    return is_left ? Matrices{{}, 1, n, static_cast<int64_t>(n), 1} : Matrices{{}, n, 1, 1, static_cast<int64_t>(n)};
  }
  const uint64_t rows = dims[dims.size() - 2], cols = dims[dims.size() - 1];
  const auto batch = dims.first(dims.size() - 2);
  const auto width = static_cast<int64_t>(cols);
  return transposed ? Matrices{batch, cols, rows, 1, width} : Matrices{batch, rows, cols, width, 1};
}

std::vector<uint64_t> broadcast(std::span<const uint64_t> a, std::span<const uint64_t> b) {
  if (a.size() < b.size()) std::swap(a, b);
  std::vector<uint64_t> dims(a.begin(), a.end());
  for (size_t i = 0; i < b.size(); ++i) {
    uint64_t& d = dims[a.size() - b.size() + i];
    if (d == 1) d = b[i];
  }
  return dims;
}

Strides scaled(Strides strides, uint64_t by) {
  for (int64_t& s : strides) s *= static_cast<int64_t>(by);
  return strides;
}

// Tiles where there are rows enough to fill them.
std::pair<PipelineKey, Groups> choose(const Plan& plan, const gpu::MatmulParams& p, uint64_t batches) {
  constexpr uint32_t kWorthATile = 8;
  const rlx_dtype dtype = plan.node.out().dtype;
  const uint32_t count = plan.count_of(plan.node.out()), activation = activation_of(plan);
  if (!is_float(dtype) && (!is_integer(dtype) || p.has_bias || activation))
    plan.refuse(std::string("no kernel for ") + sdk::dtype_name(dtype));
  if (is_float(dtype) && p.m >= kWorthATile) {
    constexpr ProductShaders kShaders{Shader::k_matmul, Shader::k_matmul_cooperative, Shader::k_matmul_emulated};
    const ProductTile tile = tile_of_product(plan, kShaders, {p.m, p.n, p.k, batches});
    return {tile.pipeline, tile.groups};
  }
  const bool by_group = is_float(dtype) && p.b_row == 1 && p.k > RLX_LANES;
  return {{Shader::k_matmul_direct, {dtype, by_group, activation}},
          by_group ? Plan::groups_for(count) : Plan::lanes_for(count)};
}

void dispatch_product(Plan& plan, const Matrices& a, const Matrices& b, bool has_bias) {
  const sdk::NodeView& node = plan.node;
  gpu::MatmulParams p{};
  p.m = plan.small(a.rows, "rows");
  p.n = plan.small(b.cols, "columns");
  p.k = plan.small(a.cols, "terms");
  const auto stride = [&](int64_t s) { return plan.small(static_cast<uint64_t>(s), "elements of a row"); };
  p.a_row = stride(a.row_stride);
  p.a_col = stride(a.col_stride);
  p.b_row = stride(b.row_stride);
  p.b_col = stride(b.col_stride);
  Layout layout{broadcast(a.batch, b.batch), {}};
  layout.strides = {scaled(broadcast_strides(a.batch, layout.dims), a.rows * a.cols),
                    scaled(broadcast_strides(b.batch, layout.dims), b.rows * b.cols)};
  uint64_t batches = 1;
  for (uint64_t d : layout.dims) batches *= d;
  layout.collapse();
  p.batches = plan.small(batches, "matrices");
  p.batch_rank = static_cast<uint32_t>(layout.rank());
  put(plan, p.batch_dims, layout.dims);
  put(plan, p.a_batch, layout.strides[0]);
  put(plan, p.b_batch, layout.strides[1]);
  p.has_bias = has_bias;
  if (node.find("alpha")) {
    p.alpha = static_cast<float>(node.f("alpha"));
    p.beta = static_cast<float>(node.f("beta"));
  }
  const auto [pipeline, groups] = choose(plan, p, batches);
  plan.dispatch(pipeline, groups, p,
                {{&p.a, node.input(0)},
                 {&p.b, node.input(1)},
                 {&p.bias, has_bias ? node.input(2) : RLX_NO_INDEX},
                 {&p.dst, node.output(0), true}});
}

}  // namespace

void matmul(Plan& plan) {
  const sdk::NodeView& node = plan.node;
  dispatch_product(plan, matrices_of(node.in(0), node.flag("trans_a"), true),
                   matrices_of(node.in(1), node.flag("trans_b"), false), false);
}

void linear(Plan& plan) {
  const sdk::NodeView& node = plan.node;
  const rlx_tensor &x = node.in(0), &w = node.in(1);
  const uint64_t depth = x.dims[x.rank - 1];
  uint64_t rows = 1;
  for (uint64_t d : sdk::dims(x).first(x.rank - 1)) rows *= d;
  dispatch_product(plan, {{}, rows, depth, static_cast<int64_t>(depth), 1},
                   matrices_of(w, node.s("w_layout") == "nk", false), node.has_input(2));
}

}  // namespace rlx::vulkan::kernels
