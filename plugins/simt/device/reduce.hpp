// reduce: kinds as structs of init, map, combine and finish over an accumulator. Rows that are long and dense take a
// block each, others a thread each, so that neighbouring threads read neighbouring addresses either way.
#pragma once

#include "rows.hpp"
#include "scalar_ops.hpp"

namespace simt {

// Sums of halves run in f32, of integers in 64 bits, which wrap to the same bits.
template <typename T>
struct accumulator {
  typedef u64 type;
};
template <>
struct accumulator<f64> {
  typedef f64 type;
};
template <>
struct accumulator<f32> {
  typedef f32 type;
};
template <>
struct accumulator<f16> {
  typedef f32 type;
};
template <>
struct accumulator<bf16> {
  typedef f32 type;
};
template <>
struct accumulator<tf32> {
  typedef f32 type;
};
template <>
struct accumulator<tf32x3> {
  typedef f32 type;
};
template <typename T>
using accumulator_t = typename accumulator<T>::type;

template <typename T>
struct reduce_sum {
  typedef accumulator_t<T> A;
  SIMT_DEVICE static A init() { return A(0); }
  SIMT_DEVICE static A map(lane_t<T> x) { return static_cast<A>(x); }
  SIMT_DEVICE static A combine(A a, A b) { return a + b; }
  SIMT_DEVICE static lane_t<T> finish(A a, u64) { return static_cast<lane_t<T>>(a); }
};
template <typename T>
struct reduce_mean : reduce_sum<T> {
  typedef accumulator_t<T> A;
  SIMT_DEVICE static lane_t<T> finish(A a, u64 count) { return static_cast<lane_t<T>>(a / static_cast<A>(count)); }
};
template <typename T>
struct reduce_l1 : reduce_sum<T> {
  typedef accumulator_t<T> A;
  SIMT_DEVICE static A map(lane_t<T> x) { return static_cast<A>(unary_abs(x, f32(0), f32(0))); }
};
template <typename T>
struct reduce_sum_sq : reduce_sum<T> {
  typedef accumulator_t<T> A;
  SIMT_DEVICE static A map(lane_t<T> x) { return static_cast<A>(x) * static_cast<A>(x); }
};
template <typename T>
struct reduce_l2 : reduce_sum_sq<T> {
  typedef accumulator_t<T> A;
  SIMT_DEVICE static lane_t<T> finish(A a, u64) { return m_sqrt(a); }
};
template <typename T>
struct reduce_prod : reduce_sum<T> {
  typedef accumulator_t<T> A;
  SIMT_DEVICE static A init() { return A(1); }
  SIMT_DEVICE static A combine(A a, A b) { return a * b; }
};
template <typename T>
struct reduce_max {
  typedef lane_t<T> A;
  SIMT_DEVICE static A init() { return number<A>::lowest(); }
  SIMT_DEVICE static A map(A x) { return x; }
  SIMT_DEVICE static A combine(A a, A b) { return binary_max(a, b); }
  SIMT_DEVICE static A finish(A a, u64) { return a; }
};
template <typename T>
struct reduce_min : reduce_max<T> {
  typedef lane_t<T> A;
  SIMT_DEVICE static A init() { return number<A>::highest(); }
  SIMT_DEVICE static A combine(A a, A b) { return binary_min(a, b); }
};
// On bool: every byte is 0 or 1.
template <typename T>
struct reduce_any {
  typedef u32 A;
  SIMT_DEVICE static A init() { return 0; }
  SIMT_DEVICE static A map(boolean x) { return x.value; }
  SIMT_DEVICE static A combine(A a, A b) { return a | b; }
  SIMT_DEVICE static boolean finish(A a, u64) { return boolean{static_cast<u8>(a)}; }
};
template <typename T>
struct reduce_all : reduce_any<T> {
  typedef u32 A;
  SIMT_DEVICE static A init() { return 1; }
  SIMT_DEVICE static A combine(A a, A b) { return a & b; }
};

// The elements of one row that a thread sees: every step-th from first on.
template <typename T, typename Fn>
SIMT_DEVICE void for_row(const ReduceParams& p, u64 row, u64 first, u64 step, Fn fn) {
  const i64 start = strided_offset(row, p.row_rank, p.row_dims, p.row_strides);
  for (u64 i = first; i < p.count; i += step) fn(load<T>(p.x, start + strided_offset(i, p.rank, p.dims, p.strides)));
}

template <typename T, typename Kind>
SIMT_DEVICE void reduce_threads(const ReduceParams& p) {
  typedef typename Kind::A A;
  for (u64 row = grid_first(); row < p.rows; row += grid_step()) {
    A all = Kind::init();
    for_row<T>(p, row, 0, 1, [&](lane_t<T> x) { all = Kind::combine(all, Kind::map(x)); });
    store<T>(p.y, static_cast<i64>(row), Kind::finish(all, p.count));
  }
}

template <typename T, typename Kind>
SIMT_DEVICE void reduce_blocks(const ReduceParams& p) {
  typedef typename Kind::A A;
  for (u64 row = block_index(); row < p.rows; row += grid_size()) {
    A own = Kind::init();
    for_row<T>(p, row, thread_index(), block_size(), [&](lane_t<T> x) { own = Kind::combine(own, Kind::map(x)); });
    const A all = block_reduce(
        own, [](A a, A b) { return Kind::combine(a, b); }, shared<A>());
    if (thread_index() == 0) store<T>(p.y, static_cast<i64>(row), Kind::finish(all, p.count));
  }
}

// log Σ e^x, with the maximum taken out. A maximum that is infinite is the answer: ∞ − ∞ would be NaN.
template <typename T>
SIMT_DEVICE void reduce_logsumexp(const ReduceParams& p) {
  typedef lane_t<T> A;
  for (u64 row = block_index(); row < p.rows; row += grid_size()) {
    A top = number<A>::lowest(), sum = A(0);
    for_row<T>(p, row, thread_index(), block_size(), [&](A x) { top = binary_max(top, x); });
    top = block_reduce(
        top, [](A a, A b) { return binary_max(a, b); }, shared<A>());
    const bool finite = top == top && !is_infinite(top);
    if (finite) {
      for_row<T>(p, row, thread_index(), block_size(), [&](A x) { sum += m_exp(x - top); });
      sum = block_reduce(
          sum, [](A a, A b) { return a + b; }, shared<A>());
    }
    if (thread_index() == 0) store<T>(p.y, static_cast<i64>(row), finite ? top + m_log(sum) : top);
  }
}

}  // namespace simt
