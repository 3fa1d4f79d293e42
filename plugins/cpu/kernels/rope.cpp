// rope and rope_backward: rotation of feature pairs by tabled angles. Bound by memory.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"

#include <algorithm>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 8192;  // elements worth a second thread

class Rope final : public Kernel {
 public:
  explicit Rope(const NodeView& n) : Kernel("hwy:" + std::string(n.op())) {
    const std::string_view layout = n.s("layout");
    const rlx_tensor& x = n.in(0);
    heads_first_ = layout == "bhsd";
    heads_ = layout == "bs_hd" ? static_cast<uint64_t>(n.i("heads")) : x.dims[heads_first_ ? 1 : 2];
    batch_ = x.dims[0];
    positions_ = x.dims[heads_first_ ? 2 : 1];
    features_ = layout == "bs_hd" ? x.dims[2] / heads_ : x.dims[3];
    rotary_ = static_cast<uint64_t>(n.i("rotary_dim"));
    table_rows_ = static_cast<int64_t>(n.in(1).dims[0]);
    interleaved_ = n.s("style") == "interleaved";
    sign_ = n.op() == "rope_backward" ? -1.0f : 1.0f;
    if (!n.has_input(3)) return;
    given_ = true;
    wide_ = n.in(3).dtype == RLX_DTYPE_I64;
    per_batch_ = n.in(3).rank == 2;
  }

  void run(const Run& r) const override {
    const uint64_t rows = batch_ * heads_ * positions_;
    if (rows * features_ == 0) return;
    r.team.split(rows, std::max<uint64_t>(1, kGrain / features_), [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) row(r, i);
    });
  }

 private:
  int64_t position_of(const Run& r, uint64_t batch, uint64_t s) const {
    if (!given_) return static_cast<int64_t>(s);
    const uint64_t at = per_batch_ ? batch * positions_ + s : s;
    return wide_ ? r.in<int64_t>(3)[at] : r.in<int32_t>(3)[at];
  }

  void row(const Run& r, uint64_t i) const {
    const uint64_t batch = i / (heads_ * positions_), in_batch = i % (heads_ * positions_);
    const uint64_t s = heads_first_ ? in_batch % positions_ : in_batch / heads_;
    const float* x = r.in<float>(0) + i * features_;
    float* y = r.out<float>() + i * features_;
    const int64_t given = position_of(r, batch, s), at = given < 0 ? given + table_rows_ : given;
    if (at < 0 || at >= table_rows_) return r.out_of_range(given, table_rows_);
    const uint64_t half = rotary_ / 2;
    const float* c = r.in<float>(1) + static_cast<uint64_t>(at) * half;
    const float* sines = r.in<float>(2) + static_cast<uint64_t>(at) * half;
    if (interleaved_) {
      for (uint64_t k = 0; k < half; ++k) {
        const float x1 = x[2 * k], x2 = x[2 * k + 1], sine = sines[k] * sign_;
        y[2 * k] = x1 * c[k] - x2 * sine;
        y[2 * k + 1] = x2 * c[k] + x1 * sine;
      }
    } else {
      for (uint64_t k = 0; k < half; ++k) {
        const float x1 = x[k], x2 = x[k + half], sine = sines[k] * sign_;
        y[k] = x1 * c[k] - x2 * sine;
        y[k + half] = x2 * c[k] + x1 * sine;
      }
    }
    if (x != y) std::copy(x + rotary_, x + features_, y + rotary_);
  }

  uint64_t batch_, heads_, positions_, features_, rotary_;
  int64_t table_rows_;
  float sign_;
  bool heads_first_, interleaved_, given_ = false, wide_ = false, per_batch_ = false;
};

}  // namespace

Claim claim_rope(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(n.in(0).dtype));
  return Claim::native(1);
}

std::unique_ptr<Kernel> make_rope(MakeContext& m) {
  return std::make_unique<Rope>(m.node);
}

}  // namespace rlx::cpu::kernels
