// group_norm, instance_norm (a group per channel) and layer_norm_2d (over the channels of each pixel).
// Bound by memory: two reads and a write of groups that outgrow the cache, one read otherwise.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/rows.hpp"

#include <algorithm>
#include <cmath>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 8192;  // elements worth a second thread

uint64_t spatial_of(const rlx_tensor& x) {
  uint64_t n = 1;
  for (uint32_t i = 2; i < x.rank; ++i) n *= x.dims[i];
  return n;
}

class GroupNorm final : public Kernel {
 public:
  explicit GroupNorm(const NodeView& n) : Kernel("hwy:" + std::string(n.op())) {
    const rlx_tensor& x = n.in(0);
    batch_ = x.dims[0];
    groups_ = n.op() == "group_norm" ? static_cast<uint64_t>(n.i("groups")) : x.dims[1];
    channels_ = groups_ ? x.dims[1] / groups_ : 0;
    spatial_ = spatial_of(x);
    eps_ = n.f("eps");
  }

  void run(const Run& r) const override {
    const uint64_t size = channels_ * spatial_;
    if (size == 0) return;
    const float *gamma = r.in<float>(1), *beta = r.in<float>(2);
    r.team.split(batch_ * groups_, std::max<uint64_t>(1, kGrain / size), [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) {
        const float* x = r.in<float>(0) + i * size;
        float* y = r.out<float>() + i * size;
        const Moments m = ops_.moments(x, size);
        const double scale = 1 / std::sqrt(m.variance + eps_);
        const uint64_t first = i % groups_ * channels_;
        for (uint64_t c = 0; c < channels_; ++c) {
          const double factor = scale * gamma[first + c];
          ops_.scale_shift(x + c * spatial_, y + c * spatial_, spatial_, static_cast<float>(factor),
                           static_cast<float>(beta[first + c] - m.mean * factor));
        }
      }
    });
  }

 private:
  const RowOps& ops_ = row_ops();
  uint64_t batch_, groups_, channels_, spatial_;
  double eps_;
};

// Strips of pixels, channel after channel.
class PixelNorm final : public Kernel {
 public:
  explicit PixelNorm(const NodeView& n)
      : Kernel("hwy:layer_norm_2d"), view_(view_axis(n.in(0), 1)), eps_(static_cast<float>(n.f("eps"))) {}

  void run(const Run& r) const override {
    if (view_.elements() == 0) return;
    const uint64_t strips = (view_.inner + kStripWidth - 1) / kStripWidth;
    const uint64_t grain = std::max<uint64_t>(1, kGrain / (view_.n * kStripWidth));
    r.team.split(view_.outer * strips, grain, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) strip(r, i / strips, i % strips * kStripWidth);
    });
  }

 private:
  void strip(const Run& r, uint64_t batch, uint64_t first) const {
    const uint64_t at = batch * view_.n * view_.inner + first, width = std::min(kStripWidth, view_.inner - first);
    const float *x = r.in<float>(0) + at, *gamma = r.in<float>(1), *beta = r.in<float>(2);
    float* y = r.out<float>() + at;
    float mean[kStripWidth] = {}, scale[kStripWidth] = {};
    const float count = static_cast<float>(view_.n);
    for (uint64_t c = 0; c < view_.n; ++c)
      for (uint64_t k = 0; k < width; ++k) mean[k] += x[c * view_.inner + k];
    for (uint64_t k = 0; k < width; ++k) mean[k] /= count;
    for (uint64_t c = 0; c < view_.n; ++c)
      for (uint64_t k = 0; k < width; ++k) {
        const float d = x[c * view_.inner + k] - mean[k];
        scale[k] += d * d;
      }
    for (uint64_t k = 0; k < width; ++k) scale[k] = 1 / std::sqrt(scale[k] / count + eps_);
    for (uint64_t c = 0; c < view_.n; ++c)
      for (uint64_t k = 0; k < width; ++k)
        y[c * view_.inner + k] = (x[c * view_.inner + k] - mean[k]) * scale[k] * gamma[c] + beta[c];
  }

  AxisView view_;
  float eps_;
};

}  // namespace

Claim claim_group_norm(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(n.in(0).dtype));
  return Claim::native(1);
}

std::unique_ptr<Kernel> make_group_norm(MakeContext& m) {
  if (m.node.op() == "layer_norm_2d") return std::make_unique<PixelNorm>(m.node);
  return std::make_unique<GroupNorm>(m.node);
}

}  // namespace rlx::cpu::kernels
