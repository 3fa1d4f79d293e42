// fused_swiglu: silu(gate) * up for the two halves of each row. Bound by memory, about by the exponential in the cache.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/rows.hpp"

#include <algorithm>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 4096;  // elements worth a second thread

class Swiglu final : public Kernel {
 public:
  explicit Swiglu(const NodeView& n) : Kernel("hwy:swiglu"), gate_first_(n.flag("gate_first")) {
    const rlx_tensor& y = n.out();
    width_ = y.dims[y.rank - 1];
    rows_ = width_ ? sdk::elements(y) / width_ : 0;
  }
  void run(const Run& r) const override {
    r.team.split(rows_, std::max<uint64_t>(1, kGrain / std::max<uint64_t>(1, width_)),
                 [&](uint64_t begin, uint64_t end, unsigned) {
                   for (uint64_t i = begin; i < end; ++i) {
                     const float *first = r.in<float>(0) + i * 2 * width_, *second = first + width_;
                     ops_.swiglu(gate_first_ ? first : second, gate_first_ ? second : first,
                                 r.out<float>() + i * width_, width_);
                   }
                 });
  }

 private:
  const RowOps& ops_ = row_ops();
  uint64_t width_, rows_;
  bool gate_first_;
};

}  // namespace

Claim claim_swiglu(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype != RLX_DTYPE_F32) return Claim::no(dtype_reason(n.in(0).dtype));
  return Claim::native();
}

std::unique_ptr<Kernel> make_swiglu(MakeContext& m) {
  return std::make_unique<Swiglu>(m.node);
}

}  // namespace rlx::cpu::kernels
