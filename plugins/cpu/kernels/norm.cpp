// Normalisations over trailing axes: layer_norm, rms_norm, fused_residual_norm, and l2_norm along the last axis.
// Bound by memory: a row is read from there once and found in the cache afterwards.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/rows.hpp"

#include <algorithm>
#include <cmath>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 8192;  // elements worth a second thread

enum class NormKind : uint8_t { kLayer, kRms, kL2 };

class RowNorm final : public Kernel {
 public:
  RowNorm(const NodeView& n, NormKind kind)
      : Kernel("hwy:" + std::string(n.op())), kind_(kind), residual_(n.op() == "fused_residual_norm") {
    const rlx_tensor& x = n.in(0);
    const uint32_t axis = static_cast<uint32_t>(n.i("axis"));
    for (uint32_t i = 0; i < x.rank; ++i) (i < axis ? rows_ : row_) *= x.dims[i];
    eps_ = n.f("eps");
    gamma_ = kind == NormKind::kL2 ? kNone : residual_ ? 2 : 1;
    if (gamma_ != kNone) beta_ = n.has_input(gamma_ + 1) ? gamma_ + 1 : kNone;
    if (gamma_ != kNone && !n.has_input(gamma_)) gamma_ = kNone;
  }

  void run(const Run& r) const override {
    if (rows_ * row_ == 0) return;
    const RowOps& ops = ops_;
    const float* gamma = gamma_ == kNone ? nullptr : r.in<float>(gamma_);
    const float* beta = beta_ == kNone ? nullptr : r.in<float>(beta_);
    r.team.split(rows_, std::max<uint64_t>(1, kGrain / row_), [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) {
        const float* x = r.in<float>(0) + i * row_;
        if (residual_) {
          float* sum = r.out<float>(1) + i * row_;
          ops.add(x, r.in<float>(1) + i * row_, sum, row_);
          x = sum;
        }
        float mean = 0;
        const float scale = scale_of(x, mean);
        ops.normalise(x, r.out<float>() + i * row_, row_, mean, scale, gamma, beta);
      }
    });
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;

  float scale_of(const float* x, float& mean) const {
    if (kind_ == NormKind::kLayer) {
      const Moments m = ops_.moments(x, row_);
      mean = static_cast<float>(m.mean);
      return static_cast<float>(1 / std::sqrt(m.variance + eps_));
    }
    const double squares = ops_.sum_squares(x, row_);
    if (kind_ == NormKind::kRms) return static_cast<float>(1 / std::sqrt(squares / static_cast<double>(row_) + eps_));
    const double length = std::max(std::sqrt(squares), eps_);
    return length == 0 ? 0 : static_cast<float>(1 / length);
  }

  const RowOps& ops_ = row_ops();
  NormKind kind_;
  bool residual_;
  uint32_t gamma_ = kNone, beta_ = kNone;
  uint64_t rows_ = 1, row_ = 1;
  double eps_ = 0;
};

NormKind kind_of(const NodeView& n) {
  if (n.op() == "l2_norm") return NormKind::kL2;
  if (n.op() == "fused_residual_norm") return n.s("kind") == "rms" ? NormKind::kRms : NormKind::kLayer;
  return n.op() == "rms_norm" ? NormKind::kRms : NormKind::kLayer;
}

}  // namespace

Claim claim_row_norm(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(n.in(0).dtype));
  if (n.op() == "l2_norm" && static_cast<uint32_t>(n.i("axis")) + 1 != n.in(0).rank)
    return Claim::no("axis " + std::to_string(n.i("axis")) + " is not the last");
  // The norm may not replace x or the residual before the sum has been written: a row is summed first, so it may.
  return Claim::native(n.op() == "fused_residual_norm" ? 0b11 : 0b1);
}

std::unique_ptr<Kernel> make_row_norm(MakeContext& m) {
  return std::make_unique<RowNorm>(m.node, kind_of(m.node));
}

}  // namespace rlx::cpu::kernels
