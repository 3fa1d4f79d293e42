// conv with one input channel per group, in row-major order: for inputs that are not in oneDNN's blocks.
#include "kernel.hpp"
#include "kernels/conv_epilogue.hpp"
#include "kernels/plane_ops.hpp"
#include "kernels/planes.hpp"

#include <algorithm>

namespace rlx::cpu::kernels {

namespace {

constexpr uint32_t kWeights = 1, kBias = 2, kResidual = 3;
constexpr uint64_t kGrain = 100'000;  // multiplications worth a second thread

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

  uint64_t scratch_bytes(unsigned threads) const override { return threads * thread_floats() * sizeof(float); }

  void run(const Run& r) const override {
    const uint64_t cost = static_cast<uint64_t>(window_.out_size()) * planes_.taps().size();
    r.team.split(outputs_, (kGrain + cost - 1) / cost, [&](uint64_t begin, uint64_t end, unsigned part) {
      float* planes = reinterpret_cast<float*>(r.scratch) + part * thread_floats();
      const uint64_t rows = static_cast<uint64_t>(window_.axis[1].out);
      for (uint64_t row = 0; row < rows; row += planes_.band_rows()) {
        planes_.start(0, planes);
        for (uint64_t i = begin; i < end; ++i) run_band(r, i, row, std::min(planes_.band_rows(), rows - row), planes);
      }
      if (!epilogue_.step) return;
      const uint64_t size = static_cast<uint64_t>(window_.out_size());
      for (uint64_t i = begin; i < end; ++i) epilogue_.finish(r.out<float>() + i * size, size);
    });
  }

 private:
  uint64_t sums_floats() const {
    return (planes_.run_floats(planes_.band_rows()) + ops_.block - 1) / ops_.block * ops_.block;
  }
  uint64_t thread_floats() const { return planes_.floats() + sums_floats(); }

  void run_band(const Run& r, uint64_t output, uint64_t first, uint64_t rows, float* planes) const {
    const uint64_t channel = output % channels_, width = static_cast<uint64_t>(window_.axis[2].out);
    planes_.load(r.in<float>(0) + output / per_input_ * static_cast<uint64_t>(window_.in_size()), first, rows, planes);
    float* sums = planes + planes_.floats();
    const auto& taps = planes_.taps();
    ConvEpilogue none;
    const ConvEpilogue& clamp = has_residual_ ? none : epilogue_;
    ops_.convolve({planes, taps.data(), taps.size(), r.in<float>(kWeights) + channel * taps.size(),
                   has_bias_ ? r.in<float>(kBias)[channel] : 0, clamp.low, clamp.high, sums, planes_.run_floats(rows)});
    const uint64_t at = output * static_cast<uint64_t>(window_.out_size()) + first * width;
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

Claim claim_depthwise(const NodeView& n, const CpuInfo&) {
  if (std::string problem = conv_problem(n); !problem.empty()) return Claim::no(std::move(problem));
  if (n.in(0).rank > 4) return Claim::no("rank " + std::to_string(n.in(0).rank) + " not supported");
  if (n.in(kWeights).dims[1] != 1 || static_cast<uint64_t>(n.i("groups")) != n.in(0).dims[1])
    return Claim::no("groups of several channels not supported");
  return Claim::native(1u << kResidual);
}

std::unique_ptr<Kernel> make_depthwise(MakeContext& m) {
  if (m.in_layouts[0] != Layout::kPlain || m.node.in(0).dims[1] == 1) return nullptr;
  std::fill(m.in_layouts.begin(), m.in_layouts.end(), Layout::kPlain);
  m.out_layouts[0] = Layout::kPlain;
  return std::make_unique<DepthwiseConv>(m.node);
}

}  // namespace rlx::cpu::kernels
