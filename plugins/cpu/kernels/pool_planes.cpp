// max and mean pools of f32 images in row-major order. oneDNN's own code for this order is a scalar reference.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/plane_ops.hpp"
#include "kernels/planes.hpp"

#include <algorithm>
#include <limits>
#include <vector>

namespace rlx::cpu::kernels {

namespace {

// One over the elements that each position of an axis averages over: the mean divides by the product of two.
std::vector<float> factors_of(const WindowAxis& a, bool include_pad) {
  std::vector<float> factors;
  for (int64_t o = 0; o < a.out; ++o) {
    const int64_t count = include_pad ? a.last_tap(o, a.in + a.pad_end) : a.last_tap(o, a.in) - a.first_tap(o);
    factors.push_back(1.0f / static_cast<float>(count));
  }
  return factors;
}

class PlanesPool final : public Kernel {
 public:
  explicit PlanesPool(const NodeView& n)
      : Kernel("hwy:pool"),
        window_(window_of(n, [&](uint32_t i) { return n.ints("kernel")[i]; })),
        planes_(window_.axis[1], window_.axis[2], ops_.block),
        is_max_(n.s("kind") == "max"),
        channels_(n.in(0).dims[0] * n.in(0).dims[1]) {
    if (is_max_) return;
    row_factors_ = factors_of(window_.axis[1], n.flag("count_include_pad"));
    column_factors_ = factors_of(window_.axis[2], n.flag("count_include_pad"));
  }

  uint64_t scratch_bytes(unsigned threads) const override { return threads * planes_.scratch_floats() * sizeof(float); }

  void run(const Run& r) const override {
    const float padding = is_max_ ? -std::numeric_limits<float>::infinity() : 0;
    r.team.split(channels_, planes_.grain(), [&](uint64_t begin, uint64_t end, unsigned part) {
      float* scratch = reinterpret_cast<float*>(r.scratch) + part * planes_.scratch_floats();
      planes_.for_bands(begin, end, padding, scratch, [&](const Planes::Band& band) { run_band(r, band); });
    });
  }

 private:
  void run_band(const Run& r, const Planes::Band& band) const {
    const uint64_t width = static_cast<uint64_t>(window_.axis[2].out), rows = band.rows;
    planes_.load(r.in<float>(0) + band.channel * static_cast<uint64_t>(window_.in_size()), band);
    const auto& taps = planes_.taps();
    (is_max_ ? ops_.max
             : ops_.sum)({band.planes, taps.data(), taps.size(), nullptr, 0, 0, band.run, planes_.run_floats(rows)});
    float* y = r.out<float>() + band.channel * static_cast<uint64_t>(window_.out_size()) + band.first * width;
    if (is_max_) return ops_.load({band.run, planes_.pitch(), 1, y, width, rows, width});
    for (uint64_t i = 0; i < rows; ++i)
      ops_.store_scaled(band.run + i * planes_.pitch(), y + i * width, width, row_factors_[band.first + i],
                        column_factors_.data());
  }

  const PlaneOps& ops_ = plane_ops();
  Window window_;
  Planes planes_;
  bool is_max_;
  uint64_t channels_;
  std::vector<float> row_factors_, column_factors_;
};

}  // namespace

Claim claim_pool_planes(const NodeView& n, const CpuInfo&) {
  const rlx_tensor& x = n.in(0);
  if (x.dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(x.dtype));
  if (x.rank != 3 && x.rank != 4) return Claim::no("rank " + std::to_string(x.rank) + " not supported");
  if (n.s("kind") != "max" && n.s("kind") != "mean")
    return Claim::no("kind " + std::string(n.s("kind")) + " not supported");
  if (n.output_count() > 1) return Claim::no("indices not supported");
  if (x.size_bytes == 0 || n.out().size_bytes == 0) return Claim::no("empty tensors not supported");
  const Window w = window_of(n, [&](uint32_t i) { return n.ints("kernel")[i]; });
  for (const WindowAxis& a : w.axis)
    if (a.pad < 0 || a.pad_end < 0) return Claim::no("negative padding not supported");
  if (!Planes::fits(w.axis[1], w.axis[2])) return Claim::no("a window spread that far not supported");
  return Claim::native();
}

std::unique_ptr<Kernel> make_pool_planes(MakeContext& m) {
  return std::make_unique<PlanesPool>(m.node);
}

}  // namespace rlx::cpu::kernels
