// The register tile: R rows times two vectors of columns, accumulated in registers over one block of K.
// Per-target: included once for each instruction set by gemm.cpp.
#if defined(RLX_CPU_GEMM_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef RLX_CPU_GEMM_TILE_INL_H
#undef RLX_CPU_GEMM_TILE_INL_H
#else
#define RLX_CPU_GEMM_TILE_INL_H
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rlx::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

// 32 vector registers hold 12 x 2 accumulators, two vectors of b and a spare; 16 hold half of that.
#if HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64
constexpr int kTileRows = 12;
#else
constexpr int kTileRows = 6;
#endif

// Recursion instead of an array: compilers keep nested members in registers, arrays they may spill.
template <int R>
struct Rows {
  V left, right;
  Rows<R - 1> rest;

  HWY_INLINE void start(const float* c, size_t c_row, bool add, V bias_left, V bias_right) {
    const D d;
    if (add) {
      left = hn::LoadU(d, c);
      right = hn::LoadU(d, c + hn::Lanes(d));
    } else {
      left = bias_left;
      right = bias_right;
    }
    rest.start(c + c_row, c_row, add, bias_left, bias_right);
  }
  HWY_INLINE void step(const float* a, V b_left, V b_right) {
    const V x = hn::Set(D(), *a);
    left = hn::MulAdd(x, b_left, left);
    right = hn::MulAdd(x, b_right, right);
    rest.step(a + 1, b_left, b_right);
  }
  HWY_INLINE void store(float* c, size_t c_row) const {
    const D d;
    hn::StoreU(left, d, c);
    hn::StoreU(right, d, c + hn::Lanes(d));
    rest.store(c + c_row, c_row);
  }
};

template <>
struct Rows<0> {
  HWY_INLINE void start(const float*, size_t, bool, V, V) {}
  HWY_INLINE void step(const float*, V, V) {}
  HWY_INLINE void store(float*, size_t) const {}
};

// c (+)= a · b for one tile. a: k columns of R floats; b: k rows b_row floats apart; bias: one panel, or NULL for 0.
template <int R>
void tile(size_t k, const float* a, const float* b, size_t b_row, float* c, size_t c_row, bool add, const float* bias) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  Rows<R> rows;
  const V zero = hn::Zero(d);
  rows.start(c, c_row, add, bias ? hn::LoadU(d, bias) : zero, bias ? hn::LoadU(d, bias + lanes) : zero);
  for (size_t i = 0; i < k; ++i) {
    rows.step(a, hn::LoadU(d, b), hn::LoadU(d, b + lanes));
    a += R;
    b += b_row;
  }
  rows.store(c, c_row);
}

// One row has too few accumulators to hide the latency of an addition: four rows of b at a time.
template <>
HWY_MAYBE_UNUSED inline void tile<1>(size_t k, const float* a, const float* b, size_t b_row, float* c, size_t, bool add,
                                     const float* bias) {
  const D d;
  const size_t lanes = hn::Lanes(d);
  const V zero = hn::Zero(d);
  const float* start = add ? c : bias;
  V l0 = start ? hn::LoadU(d, start) : zero, r0 = start ? hn::LoadU(d, start + lanes) : zero;
  V l1 = zero, r1 = zero, l2 = zero, r2 = zero, l3 = zero, r3 = zero;
  size_t i = 0;
  for (; i + 4 <= k; i += 4) {
    const V a0 = hn::Set(d, a[i]), a1 = hn::Set(d, a[i + 1]), a2 = hn::Set(d, a[i + 2]), a3 = hn::Set(d, a[i + 3]);
    const float *b0 = b + i * b_row, *b1 = b0 + b_row, *b2 = b1 + b_row, *b3 = b2 + b_row;
    l0 = hn::MulAdd(a0, hn::LoadU(d, b0), l0);
    r0 = hn::MulAdd(a0, hn::LoadU(d, b0 + lanes), r0);
    l1 = hn::MulAdd(a1, hn::LoadU(d, b1), l1);
    r1 = hn::MulAdd(a1, hn::LoadU(d, b1 + lanes), r1);
    l2 = hn::MulAdd(a2, hn::LoadU(d, b2), l2);
    r2 = hn::MulAdd(a2, hn::LoadU(d, b2 + lanes), r2);
    l3 = hn::MulAdd(a3, hn::LoadU(d, b3), l3);
    r3 = hn::MulAdd(a3, hn::LoadU(d, b3 + lanes), r3);
  }
  for (; i < k; ++i) {
    const V x = hn::Set(d, a[i]);
    l0 = hn::MulAdd(x, hn::LoadU(d, b + i * b_row), l0);
    r0 = hn::MulAdd(x, hn::LoadU(d, b + i * b_row + lanes), r0);
  }
  hn::StoreU(hn::Add(hn::Add(l0, l1), hn::Add(l2, l3)), d, c);
  hn::StoreU(hn::Add(hn::Add(r0, r1), hn::Add(r2, r3)), d, c + lanes);
}

using TileFunction = void (*)(size_t, const float*, const float*, size_t, float*, size_t, bool, const float*);

template <int R>
void fill_tiles(TileFunction* table) {
  table[R] = &tile<R>;
  if constexpr (R > 1) fill_tiles<R - 1>(table);
}

}  // namespace rlx::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
