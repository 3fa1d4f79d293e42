// Conversion between dtypes. f16 and bf16 from and to f32 go through vectors (bound by the first-level cache: f16c on
// x86); the others are the loops of the ABI's rules, which the compiler vectorises where it can.
#include "kernels/step.hpp"

#include <rlx/sdk/convert.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/steps_convert.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::kernels::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;
using U32 = hn::RebindToUnsigned<F32>;
using U16 = hn::Rebind<uint16_t, F32>;
using H16 = hn::Rebind<hwy::float16_t, F32>;
// Where half precision is emulated it does not round as docs/ops.md wants. Better targets have lower numbers.
constexpr bool kHalfInVectors = HWY_ARCH_X86 ? HWY_TARGET <= HWY_AVX2 : HWY_ARCH_ARM_A64;

template <typename From, typename To>
void rest(const StepArgs& s, size_t i) {
  const From* x = static_cast<const From*>(s.in[0]);
  To* y = static_cast<To*>(s.out);
  if (s.scalar[0] && s.count) {
    const To value = sdk::cast_to<To>(*x);
    for (; i < s.count; ++i) y[i] = value;
  }
  for (; i < s.count; ++i) y[i] = sdk::cast_to<To>(x[i]);
}

void bf16_to_f32(const StepArgs& s) {
  const F32 d;
  const size_t lanes = hn::Lanes(d);
  const uint16_t* x = static_cast<const uint16_t*>(s.in[0]);
  float* y = static_cast<float*>(s.out);
  size_t i = 0;
  if (!s.scalar[0])
    for (; i + lanes <= s.count; i += lanes)
      hn::StoreU(hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(U32(), hn::LoadU(U16(), x + i)))), d, y + i);
  rest<sdk::BF16, float>(s, i);
}

void f32_to_bf16(const StepArgs& s) {
  const F32 d;
  const U32 du;
  const hn::RebindToSigned<F32> di;
  const size_t lanes = hn::Lanes(d);
  const float* x = static_cast<const float*>(s.in[0]);
  uint16_t* y = static_cast<uint16_t*>(s.out);
  size_t i = 0;
  if (!s.scalar[0])
    for (; i + lanes <= s.count; i += lanes) {
      const auto v = hn::LoadU(d, x + i);
      const auto bits = hn::BitCast(du, v);
      const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(du, 1));
      const auto rounded = hn::Add(bits, hn::Add(odd, hn::Set(du, 0x7fff)));
      const auto quiet = hn::Or(bits, hn::Set(du, 0x400000));
      const auto number = hn::RebindMask(du, hn::Eq(v, v));
      const auto top = hn::ShiftRight<16>(hn::IfThenElse(number, rounded, quiet));
      hn::StoreU(hn::DemoteTo(U16(), hn::BitCast(di, top)), U16(), y + i);
    }
  rest<float, sdk::BF16>(s, i);
}

void f16_to_f32(const StepArgs& s) {
  size_t i = 0;
  if constexpr (kHalfInVectors) {
    const F32 d;
    const size_t lanes = hn::Lanes(d);
    const hwy::float16_t* x = static_cast<const hwy::float16_t*>(s.in[0]);
    float* y = static_cast<float*>(s.out);
    if (!s.scalar[0])
      for (; i + lanes <= s.count; i += lanes) hn::StoreU(hn::PromoteTo(d, hn::LoadU(H16(), x + i)), d, y + i);
  }
  rest<sdk::F16, float>(s, i);
}

void f32_to_f16(const StepArgs& s) {
  size_t i = 0;
  if constexpr (kHalfInVectors) {
    const F32 d;
    const size_t lanes = hn::Lanes(d);
    const float* x = static_cast<const float*>(s.in[0]);
    hwy::float16_t* y = static_cast<hwy::float16_t*>(s.out);
    if (!s.scalar[0])
      for (; i + lanes <= s.count; i += lanes) hn::StoreU(hn::DemoteTo(H16(), hn::LoadU(d, x + i)), H16(), y + i);
  }
  rest<float, sdk::F16>(s, i);
}

StepFn find_half(rlx_dtype from, rlx_dtype to) {
  if (from == RLX_DTYPE_F16 && to == RLX_DTYPE_F32) return f16_to_f32;
  if (from == RLX_DTYPE_BF16 && to == RLX_DTYPE_F32) return bf16_to_f32;
  if (from == RLX_DTYPE_F32 && to == RLX_DTYPE_F16) return f32_to_f16;
  if (from == RLX_DTYPE_F32 && to == RLX_DTYPE_BF16) return f32_to_bf16;
  return nullptr;
}

}  // namespace rlx::cpu::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rlx::cpu {
namespace kernels {
HWY_EXPORT(find_half);
}

namespace {
template <typename From, typename To>
void convert_step(const StepArgs& s) {
  const From* x = static_cast<const From*>(s.in[0]);
  To* y = static_cast<To*>(s.out);
  if (s.scalar[0] && s.count) {
    const To value = sdk::cast_to<To>(*x);
    for (size_t i = 0; i < s.count; ++i) y[i] = value;
    return;
  }
  for (size_t i = 0; i < s.count; ++i) y[i] = sdk::cast_to<To>(x[i]);
}
}  // namespace

StepFn find_convert_step(rlx_dtype from, rlx_dtype to) {
  using namespace kernels;
  StepFn step = HWY_DYNAMIC_DISPATCH(find_half)(from, to);
  if (step) return step;
  sdk::visit_dtype(
      from, [&](auto f) { sdk::visit_dtype(to, [&](auto t) { step = convert_step<decltype(f), decltype(t)>; }); });
  return step;
}

}  // namespace rlx::cpu
#endif
