// f32 addition of equal shapes: the smallest kernel, and the pattern for the others. One Highway target per pass of
// foreach_target.h; the function for this processor is picked once, when the kernel is made.
#include "kernel.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/binary_f32.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void add_f32(const float* a, const float* b, float* y, size_t count) {
  const hn::ScalableTag<float> d;
  const size_t lanes = hn::Lanes(d);
  size_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(hn::Add(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, y + i);
  for (; i < count; ++i) y[i] = a[i] + b[i];
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rlx::cpu::kernels {

HWY_EXPORT(add_f32);

namespace {

constexpr uint64_t kGrain = 16384;  // elements worth a second thread

class AddF32 final : public Kernel {
 public:
  explicit AddF32(uint64_t count) : Kernel("hwy:add"), add_(HWY_DYNAMIC_DISPATCH(add_f32)), count_(count) {}
  void run(const Run& r) const override {
    const float *a = r.in<float>(0), *b = r.in<float>(1);
    float* y = r.out<float>();
    r.team.split(count_, kGrain,
                 [&](uint64_t begin, uint64_t end, unsigned) { add_(a + begin, b + begin, y + begin, end - begin); });
  }

 private:
  void (*add_)(const float*, const float*, float*, size_t);
  uint64_t count_;
};

}  // namespace

Claim claim_binary_f32(const NodeView& n, const CpuInfo&) {
  if (n.s("kind") != "add") return Claim::no("kind " + std::string(n.s("kind")) + " not supported");
  if (n.out().dtype != RLX_DTYPE_F32)
    return Claim::no(std::string("dtype ") + sdk::dtype_name(n.out().dtype) + " not supported");
  for (uint32_t i = 0; i < 2; ++i)
    if (n.in(i).size_bytes != n.out().size_bytes)
      return Claim::no("broadcast of " + sdk::shape_text(n.in(i)) + " to " + sdk::shape_text(n.out()) +
                       " not supported");
  return Claim::native(0b11);
}

std::unique_ptr<Kernel> make_binary_f32(MakeContext& m) {
  return std::make_unique<AddF32>(sdk::elements(m.node.out()));
}

}  // namespace rlx::cpu::kernels
#endif
