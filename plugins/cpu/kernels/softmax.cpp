// softmax and log_softmax along any axis. Last axis: row by row; other axes: strips of columns.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/rows.hpp"

#include <algorithm>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 4096;  // elements worth a second thread: an exponential each

class Softmax final : public Kernel {
 public:
  Softmax(std::string name, bool log, const AxisView& view)
      : Kernel(std::move(name)),
        row_(log ? row_ops().log_softmax : row_ops().softmax),
        strip_(log ? row_ops().log_softmax_strip : row_ops().softmax_strip),
        view_(view) {}

  void run(const Run& r) const override {
    const auto [outer, n, inner] = view_;
    if (view_.elements() == 0) return;
    const float* x = r.in<float>(0);
    float* y = r.out<float>();
    const uint64_t strips = (inner + kStripWidth - 1) / kStripWidth;
    const uint64_t grain = std::max<uint64_t>(1, kGrain / (n * std::min<uint64_t>(inner, kStripWidth)));
    r.team.split(outer * strips, grain, [&](uint64_t begin, uint64_t end, unsigned) {
      for (uint64_t i = begin; i < end; ++i) {
        const uint64_t first = i % strips * kStripWidth, at = i / strips * view_.n * view_.inner + first;
        if (view_.inner == 1)
          row_(x + at, y + at, view_.n);
        else
          strip_(x + at, y + at, view_.n, view_.inner, std::min(kStripWidth, view_.inner - first));
      }
    });
  }

 private:
  void (*row_)(const float*, float*, size_t);
  void (*strip_)(const float*, float*, size_t, size_t, size_t);
  AxisView view_;
};

}  // namespace

Claim claim_softmax(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(n.in(0).dtype));
  return Claim::native(1);
}

std::unique_ptr<Kernel> make_softmax(MakeContext& m) {
  return std::make_unique<Softmax>("hwy:" + std::string(m.node.op()), m.node.op() == "log_softmax",
                                   view_axis(m.node.in(0), m.node.i("axis")));
}

}  // namespace rlx::cpu::kernels
