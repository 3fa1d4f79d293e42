// conv with one input channel per group, in row-major order: for inputs that are not in oneDNN's blocks.
#include "kernel.hpp"
#include "kernels/conv_epilogue.hpp"
#include "kernels/plane_ops.hpp"
#include "kernels/planes.hpp"

#include <algorithm>

namespace rlx::cpu::kernels {

namespace {

constexpr uint32_t kWeights = 1, kBias = 2, kResidual = 3;

Window window_of_conv(const NodeView& n) {
  return window_of(n, [&](uint32_t i) { return n.in(kWeights).dims[2 + i]; });
}

class DepthwiseConv final : public Kernel {
 public:
  explicit DepthwiseConv(const NodeView& n)
      : Kernel("hwy:depthwise"),
        window_(window_of_conv(n)),
        planes_(window_.axis[1], window_.axis[2], ops_.block),
        epilogue_(ConvEpilogue::of(n)),
        channels_(n.in(kWeights).dims[0]),
        per_input_(channels_ / n.in(0).dims[1]),
        outputs_(n.in(0).dims[0] * channels_),
        has_bias_(n.has_input(kBias)),
        has_residual_(n.has_input(kResidual)) {}

  uint64_t scratch_bytes(unsigned threads) const override { return threads * planes_.scratch_floats() * sizeof(float); }

  void run(const Run& r) const override {
    r.team.split(outputs_, planes_.grain(), [&](uint64_t begin, uint64_t end, unsigned part) {
      float* scratch = reinterpret_cast<float*>(r.scratch) + part * planes_.scratch_floats();
      planes_.for_bands(begin, end, 0, scratch, [&](const Planes::Band& band) { run_band(r, band); });
      if (!epilogue_.step) return;
      const uint64_t size = static_cast<uint64_t>(window_.out_size());
      for (uint64_t i = begin; i < end; ++i) epilogue_.finish(r.out<float>() + i * size, size);
    });
  }

 private:
  void run_band(const Run& r, const Planes::Band& band) const {
    const uint64_t channel = band.channel % channels_, rows = band.rows;
    const uint64_t width = static_cast<uint64_t>(window_.axis[2].out);
    planes_.load(r.in<float>(0) + band.channel / per_input_ * static_cast<uint64_t>(window_.in_size()), band);
    float* sums = band.run;
    const auto& taps = planes_.taps();
    const float low = has_residual_ ? ConvEpilogue().low : epilogue_.low;
    ops_.convolve({band.planes, taps.data(), taps.size(), r.in<float>(kWeights) + channel * taps.size(),
                   has_bias_ ? r.in<float>(kBias)[channel] : 0, low, sums, planes_.run_floats(rows)});
    const uint64_t at = band.channel * static_cast<uint64_t>(window_.out_size()) + band.first * width;
    float* y = r.out<float>() + at;
    if (!has_residual_) return ops_.load({sums, planes_.pitch(), 1, y, width, rows, width});
    const float* residual = r.in<float>(kResidual) + at;
    for (uint64_t row = 0; row < rows; ++row)
      for (uint64_t i = 0; i < width; ++i) {
        const float v = sums[row * planes_.pitch() + i] + residual[row * width + i];
        y[row * width + i] = v < epilogue_.low ? epilogue_.low : v;
      }
  }

  const PlaneOps& ops_ = plane_ops();
  Window window_;
  Planes planes_;
  ConvEpilogue epilogue_;
  uint64_t channels_, per_input_, outputs_;  // channels of an image; outputs: of all images
  bool has_bias_, has_residual_;
};

}  // namespace

Claim claim_conv(const NodeView& n, const CpuInfo& cpu);  // oneDNN's

Claim claim_depthwise(const NodeView& n, const CpuInfo&) {
  if (std::string problem = conv_problem(n); !problem.empty()) return Claim::no(std::move(problem));
  if (n.in(0).rank > 4) return Claim::no("rank " + std::to_string(n.in(0).rank) + " not supported");
  if (n.in(kWeights).dims[1] != 1 || static_cast<uint64_t>(n.i("groups")) != n.in(0).dims[1])
    return Claim::no("groups of several channels not supported");
  const Window w = window_of_conv(n);
  if (!Planes::fits(w.axis[1], w.axis[2])) return Claim::no("a window spread that far not supported");
  return Claim::native(1u << kResidual);
}

std::unique_ptr<Kernel> make_depthwise(MakeContext& m) {
  // What is in oneDNN's blocks stays there, and with a single channel this is an ordinary convolution.
  const bool leaves = m.in_layouts[0] != Layout::kPlain || m.node.in(0).dims[1] == 1;
  if (leaves && claim_conv(m.node, m.cpu).level != RLX_SUPPORT_NO) return nullptr;
  std::fill(m.in_layouts.begin(), m.in_layouts.end(), Layout::kPlain);
  m.out_layouts[0] = Layout::kPlain;
  return std::make_unique<DepthwiseConv>(m.node);
}

}  // namespace rlx::cpu::kernels
