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

constexpr uint64_t kGrain = 100'000;  // taps of all windows worth a second thread

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

  uint64_t scratch_bytes(unsigned threads) const override { return threads * thread_floats() * sizeof(float); }

  void run(const Run& r) const override {
    const uint64_t cost = static_cast<uint64_t>(window_.out_size()) * planes_.taps().size();
    r.team.split(channels_, (kGrain + cost - 1) / cost, [&](uint64_t begin, uint64_t end, unsigned part) {
      float* planes = reinterpret_cast<float*>(r.scratch) + part * thread_floats();
      const uint64_t rows = static_cast<uint64_t>(window_.axis[1].out);
      for (uint64_t row = 0; row < rows; row += planes_.band_rows()) {
        planes_.start(is_max_ ? -std::numeric_limits<float>::infinity() : 0, planes);
        for (uint64_t i = begin; i < end; ++i) run_band(r, i, row, std::min(planes_.band_rows(), rows - row), planes);
      }
    });
  }

 private:
  uint64_t sums_floats() const {
    return (planes_.run_floats(planes_.band_rows()) + ops_.block - 1) / ops_.block * ops_.block;
  }
  uint64_t thread_floats() const { return planes_.floats() + sums_floats(); }

  void run_band(const Run& r, uint64_t channel, uint64_t first, uint64_t rows, float* planes) const {
    const uint64_t width = static_cast<uint64_t>(window_.axis[2].out);
    planes_.load(r.in<float>(0) + channel * static_cast<uint64_t>(window_.in_size()), first, rows, planes);
    float* results = planes + planes_.floats();
    const auto& taps = planes_.taps();
    (is_max_ ? ops_.max
             : ops_.sum)({planes, taps.data(), taps.size(), nullptr, 0, 0, 0, results, planes_.run_floats(rows)});
    float* y = r.out<float>() + channel * static_cast<uint64_t>(window_.out_size()) + first * width;
    if (is_max_) return ops_.load({results, planes_.pitch(), 1, y, width, rows, width});
    for (uint64_t i = 0; i < rows; ++i)
      ops_.store_scaled(results + i * planes_.pitch(), y + i * width, width, row_factors_[first + i],
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
  if (n.s("kind") != "max" && n.s("kind") != "mean") return Claim::no("kind not supported");
  if (n.output_count() > 1) return Claim::no("indices not supported");
  if (x.size_bytes == 0 || n.out().size_bytes == 0) return Claim::no("empty tensors not supported");
  const Window w = window_of(n, [&](uint32_t i) { return n.ints("kernel")[i]; });
  for (const WindowAxis& a : w.axis) {
    if (a.pad < 0 || a.pad_end < 0) return Claim::no("negative padding not supported");
    for (const int64_t o : {int64_t{0}, a.out - 1})
      if (a.last_tap(o, a.in) <= a.first_tap(o)) return Claim::no("windows of padding alone not supported");
  }
  return Claim::native();
}

std::unique_ptr<Kernel> make_pool_planes(MakeContext& m) {
  return std::make_unique<PlanesPool>(m.node);
}

}  // namespace rlx::cpu::kernels
