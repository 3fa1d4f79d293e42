// dequant_matmul in f32. Few rows of x: each row of weights is read once, packed, and meets all of them. Many: some
// columns of the product at a time are decoded into the panels of gemm.hpp, where every number meets all rows.
#include "gemm/gemm.hpp"
#include "gemm/pack.hpp"
#include "kernel.hpp"
#include "kernels/packed_rows.hpp"

namespace rlx::cpu {

namespace {

namespace quant = sdk::quant;

// Up to so many rows of x decoding the weights again for every four of them costs less than a pass through panels.
constexpr uint64_t kFewRows = 12;
constexpr uint64_t kGrain = 65536;          // numbers of w worth a second thread
constexpr uint64_t kPanelsBytes = 1 << 20;  // of decoded weights at a time, at least
constexpr uint64_t kDepth = kPackedStart;   // of K that is decoded before it goes into a panel

class PackedProduct final : public Kernel {
 public:
  explicit PackedProduct(const NodeView& n)
      : Kernel("hwy:" + std::string(n.s("scheme"))),
        columns_(n.in(1).dims[0]),
        depth_(n.in(0).dims[n.in(0).rank - 1]),
        rows_(depth_ ? sdk::elements(n.in(0)) / depth_ : 0),
        row_bytes_(n.in(1).dims[1]),
        block_(static_cast<uint64_t>(n.i("block"))),
        is_signed_(n.flag("signed")),
        has_scale_(n.has_input(2)),
        has_zero_(n.has_input(3)),
        one_scale_(has_scale_ && n.in(2).rank == 0) {
    const std::string_view name = n.s("scheme");
    const unsigned scheme = quant::find_scheme(name.data(), static_cast<unsigned>(name.size()));
    ops_ = packed_table().of[scheme];
  }

  uint64_t scratch_bytes(unsigned threads) const override {
    if (rows_ <= kFewRows) return (rows_ + kMostPackedRows) * depth_ / kPackedRun * sizeof(float);
    return decoded_bytes(threads) + panels(threads) * panel_bytes() + gemm_scratch_bytes(threads, rows_, depth_);
  }

  void run(const Run& r) const override {
    if (rows_ == 0 || columns_ == 0) return;
    rows_ <= kFewRows ? few_rows(r) : many_rows(r);
  }

 private:
  uint64_t panel_bytes() const { return gemm_shape().panel * depth_ * sizeof(float); }
  // How many panels are decoded before gemm takes them.
  uint64_t panels(unsigned threads) const {
    const uint64_t all = (columns_ + gemm_shape().panel - 1) / gemm_shape().panel;
    return std::min(all, std::max<uint64_t>(threads, kPanelsBytes / panel_bytes()));
  }
  // Where each thread decodes a piece of a panel, row by row.
  uint64_t decoded_floats() const { return gemm_shape().panel * kDepth; }
  uint64_t decoded_bytes(unsigned threads) const { return threads * decoded_floats() * sizeof(float); }

  PackedRow row(const Run& r, uint64_t n) const {
    const uint64_t blocks = block_ ? depth_ / block_ : 0;
    PackedRow w{r.in<unsigned char>(1) + n * row_bytes_, nullptr, nullptr, one_scale_ ? 0u : 1u, block_, is_signed_};
    if (has_scale_) w.scale = r.in<float>(2) + (one_scale_ ? 0 : n * blocks);
    if (has_zero_) w.zero = r.in<unsigned char>(3) + n * blocks;
    return w;
  }

  void few_rows(const Run& r) const {
    const float* x = r.in<float>(0);
    float* y = r.out<float>();
    float* sums = reinterpret_cast<float*>(r.scratch);
    packed_table().sum_runs(x, rows_ * depth_ / kPackedRun, sums);
    r.team.split(columns_, std::max<uint64_t>(1, kGrain / depth_), [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t n = begin; n < end; ++n) {
        const PackedRow w = row(r, n);
        uint64_t m = 0;
        for (; m + kMostPackedRows <= rows_; m += kMostPackedRows) {
          float results[kMostPackedRows];
          ops_.dots(w, depth_, x + m * depth_, sums + m * depth_ / kPackedRun, results);
          for (uint64_t i = 0; i < kMostPackedRows; ++i) y[(m + i) * columns_ + n] = results[i];
        }
        for (; m < rows_; ++m)
          ops_.dot(w, depth_, x + m * depth_, sums + m * depth_ / kPackedRun, y + m * columns_ + n);
      }
    });
  }

  // Panel `p` of all, decoded.
  void decode_panel(const Run& r, uint64_t p, float* rows, float* to) const {
    const uint64_t width = gemm_shape().panel, first = p * width, valid = std::min(width, columns_ - first);
    for (uint64_t k0 = 0; k0 < depth_; k0 += kDepth) {
      const uint64_t count = std::min(kDepth, depth_ - k0);
      for (uint64_t i = 0; i < valid; ++i) ops_.decode(row(r, first + i), k0, count, rows + i * kDepth);
      gemm_pack_panel(0, count, valid, 0, width, rows, 1, kDepth, to + k0 * width);
    }
  }

  void many_rows(const Run& r) const {
    const unsigned threads = r.team.threads();
    const uint64_t width = gemm_shape().panel, all = (columns_ + width - 1) / width, step = panels(threads);
    float* rows = reinterpret_cast<float*>(r.scratch);
    float* decoded = reinterpret_cast<float*>(r.scratch + decoded_bytes(threads));
    std::byte* rest = r.scratch + decoded_bytes(threads) + step * panel_bytes();
    GemmArgs g;
    g.m = rows_;
    g.k = depth_;
    g.a = r.in<float>(0);
    g.a_row = depth_, g.a_col = 1;
    g.b = decoded;
    g.b_packed = true;
    g.c_row = columns_;
    for (uint64_t p = 0; p < all; p += step) {
      const uint64_t count = std::min(step, all - p);
      r.team.each(count, [&](uint64_t i, unsigned part) {
        decode_panel(r, p + i, rows + part * decoded_floats(), decoded + i * width * depth_);
      });
      g.n = std::min(columns_, (p + count) * width) - p * width;
      g.c = r.out<float>() + p * width;
      gemm(r.team, rest, g);
    }
  }

  uint64_t columns_, depth_, rows_, row_bytes_, block_;
  bool is_signed_, has_scale_, has_zero_, one_scale_;
  PackedRowOps ops_;
};

}  // namespace

namespace kernels {

Claim claim_packed_product(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(n.in(0).dtype));
  const uint64_t depth = n.in(0).dims[n.in(0).rank - 1];
  const auto block = static_cast<uint64_t>(n.i("block"));
  if (depth == 0 || depth % kPackedRun != 0 || block % kPackedRun != 0)
    return Claim::no("rows of " + std::to_string(depth) + " numbers in blocks of " + std::to_string(block) +
                     " are no multiples of " + std::to_string(kPackedRun));
  return Claim::native();
}

std::unique_ptr<Kernel> make_packed_product(MakeContext& m) {
  return std::make_unique<PackedProduct>(m.node);
}

}  // namespace kernels
}  // namespace rlx::cpu
