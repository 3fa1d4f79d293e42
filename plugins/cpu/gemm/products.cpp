// linear and matmul in f32 over the packed product. Constant right sides are packed once; a product whose right side
// has no batch is one product with all rows of the left.
#include "gemm/gemm.hpp"
#include "kernel.hpp"
#include "weights.hpp"

#include <array>

namespace rlx::cpu {

namespace {

constexpr uint32_t kBias = 2;

// b[k, n] with strides; a batch of one.
struct RightSide {
  uint64_t k, n, row, col;
};

Packing gemm_packing(const RightSide& b) {
  return {"gemm k=" + std::to_string(b.k) + " n=" + std::to_string(b.n) + (b.col == 1 ? " kn" : " nk"),
          gemm_packed_floats(b.k, b.n) * sizeof(float),
          [b](const std::byte* plain, std::byte* packed) {
            gemm_pack(b.k, b.n, reinterpret_cast<const float*>(plain), b.row, b.col, reinterpret_cast<float*>(packed));
          },
          [b](const std::byte* packed, std::byte* plain) {
            gemm_unpack(b.k, b.n, reinterpret_cast<const float*>(packed), reinterpret_cast<float*>(plain), b.row,
                        b.col);
          }};
}

// One product, or a batch of them with broadcasting.
class Product final : public Kernel {
 public:
  Product(std::string name, const GemmArgs& base, const RightSide& right, bool pack, int bias_input)
      : Kernel(std::move(name)), base_(base), right_(right), pack_(pack), bias_input_(bias_input) {
    base_.b_row = right.row;
    base_.b_col = right.col;
  }
  // Offsets in elements per product of the batch.
  void set_batch(std::vector<uint64_t> a, std::vector<uint64_t> b) {
    batched_ = true;  // of no products, even
    a_offsets_ = std::move(a);
    b_offsets_ = std::move(b);
  }

  uint64_t scratch_bytes(unsigned threads) const override { return gemm_scratch_bytes(threads, base_.m, base_.k); }
  bool reads(uint32_t input) const override { return input != 1 || !pack_; }
  void prepare(Weights& weights) override {
    if (pack_) packed_ = reinterpret_cast<const float*>(weights.packed(1, gemm_packing(right_)));
  }

  void run(const Run& r) const override {
    GemmArgs g = base_;
    g.a = r.in<float>(0);
    g.b = pack_ ? packed_ : r.in<float>(1);
    g.b_packed = pack_;
    g.c = r.out<float>();
    if (bias_input_ >= 0) g.bias = r.in<float>(static_cast<uint32_t>(bias_input_));
    if (!batched_) return gemm(r.team, r.scratch, g);
    gemm(
        r.team, r.scratch, g, a_offsets_.size(),
        [](const void* self, GemmArgs& args, uint64_t i) {
          const Product& p = *static_cast<const Product*>(self);
          args.a += p.a_offsets_[i];
          args.b += p.b_offsets_[i];
          args.c += i * args.m * args.n;
        },
        this);
  }

 private:
  GemmArgs base_;
  RightSide right_;
  bool pack_;
  int bias_input_;
  bool batched_ = false;
  const float* packed_ = nullptr;
  std::vector<uint64_t> a_offsets_, b_offsets_;
};

// The last two axes of an operand; a 1-D operand is a row on the left and a column on the right.
struct Matrix {
  uint64_t rows, cols;
  std::vector<uint64_t> batch;
};

Matrix matrix_of(const rlx_tensor& t, bool left) {
  if (t.rank == 1) return left ? Matrix{1, t.dims[0], {}} : Matrix{t.dims[0], 1, {}};
  return {t.dims[t.rank - 2], t.dims[t.rank - 1], {t.dims, t.dims + t.rank - 2}};
}

// Where product i of the broadcast batch finds its operand, in elements.
std::vector<uint64_t> batch_offsets(const std::vector<uint64_t>& batch, const std::vector<uint64_t>& own,
                                    uint64_t matrix_elems) {
  uint64_t count = 1;
  for (uint64_t d : batch) count *= d;
  std::vector<uint64_t> offsets(count);
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t rest = i, stride = matrix_elems;
    for (size_t axis = batch.size(); axis-- > 0;) {
      const uint64_t index = rest % batch[axis];
      rest /= batch[axis];
      if (axis + own.size() < batch.size()) continue;
      const uint64_t dim = own[axis + own.size() - batch.size()];
      if (dim != 1) offsets[i] += index * stride;
      stride *= dim;
    }
  }
  return offsets;
}

}  // namespace

namespace kernels {

Claim claim_linear_f32(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(n.in(0).dtype));
  if (n.s("activation") != "none" && !find_unary_step(n.s("activation"), RLX_DTYPE_F32))
    return Claim::no("activation " + std::string(n.s("activation")) + " not supported");
  return Claim::native();
}

std::unique_ptr<Kernel> make_linear_f32(MakeContext& m) {
  const NodeView& n = m.node;
  const bool nk = n.s("w_layout") == "nk";
  const rlx_tensor &x = n.in(0), &w = n.in(1);
  GemmArgs g;
  g.k = x.dims[x.rank - 1];
  g.n = nk ? w.dims[0] : w.dims[1];
  g.m = g.n ? sdk::elements(n.out()) / g.n : 0;
  g.a_row = g.k, g.a_col = 1;
  g.c_row = g.n;
  g.activation = n.s("activation") == "none" ? nullptr : find_unary_step(n.s("activation"), RLX_DTYPE_F32);
  g.alpha = n.f("alpha");
  g.beta = n.f("beta");
  const RightSide right = nk ? RightSide{g.k, g.n, 1, g.k} : RightSide{g.k, g.n, g.n, 1};
  const bool pack = m.is_weight(1);
  return std::make_unique<Product>(pack ? "gemm:packed" : "gemm", g, right, pack, n.has_input(kBias) ? 2 : -1);
}

Claim claim_matmul_f32(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(n.in(0).dtype));
  return Claim::native();
}

std::unique_ptr<Kernel> make_matmul_f32(MakeContext& m) {
  const NodeView& n = m.node;
  const Matrix a = matrix_of(n.in(0), true), b = matrix_of(n.in(1), false);
  const bool trans_a = n.flag("trans_a") && n.in(0).rank > 1, trans_b = n.flag("trans_b") && n.in(1).rank > 1;
  GemmArgs g;
  g.m = trans_a ? a.cols : a.rows;
  g.k = trans_a ? a.rows : a.cols;
  g.n = trans_b ? b.rows : b.cols;
  g.a_row = trans_a ? 1 : a.cols;
  g.a_col = trans_a ? a.cols : 1;
  const RightSide right = trans_b ? RightSide{g.k, g.n, 1, b.cols} : RightSide{g.k, g.n, b.cols, 1};

  std::vector<uint64_t> batch(std::max(a.batch.size(), b.batch.size()), 1);
  uint64_t a_count = 1, b_count = 1;
  for (uint64_t d : a.batch) a_count *= d;
  for (uint64_t d : b.batch) b_count *= d;
  for (size_t i = 0; i < a.batch.size(); ++i) batch[batch.size() - 1 - i] = a.batch[a.batch.size() - 1 - i];
  for (size_t i = 0; i < b.batch.size(); ++i) {
    uint64_t& d = batch[batch.size() - 1 - i];
    d = d == 1 ? b.batch[b.batch.size() - 1 - i] : d;
  }
  const uint64_t rows = g.m;
  const bool fold = b_count == 1 && !trans_a;  // all rows of the left meet the same right side
  if (fold) g.m *= a_count;
  g.c_row = g.n;
  const bool pack = m.is_weight(1) && b_count == 1;
  auto kernel = std::make_unique<Product>(pack ? "gemm:packed" : "gemm", g, right, pack, -1);
  if (!fold) kernel->set_batch(batch_offsets(batch, a.batch, rows * g.k), batch_offsets(batch, b.batch, g.k * g.n));
  return kernel;
}

}  // namespace kernels
}  // namespace rlx::cpu
