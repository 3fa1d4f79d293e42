// reduce: kinds as structs of init, map, combine and finish over an accumulator. Rows that are long and dense take a
// block each, others a thread each, so that neighbouring threads read neighbouring addresses either way; a few long
// ones are cut into parts, which *_join brings together.
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

// The elements of part `at` that a thread sees: every step-th from first on.
template <typename T, typename Fn>
SIMT_DEVICE void for_part(const ReduceParams& p, u64 at, u64 first, u64 step, Fn fn) {
  const i64 start = strided_offset(at % p.rows, p.row_rank, p.row_dims, p.row_strides);
  const u64 begin = at / p.rows * p.part_size, end = begin + p.part_size < p.count ? begin + p.part_size : p.count;
  for (u64 i = begin + first; i < end; i += step)
    fn(load<T>(p.x, start + strided_offset(i, p.rank, p.dims, p.strides)));
}

// What a part comes to: with one part the answer.
template <typename T, typename Kind>
SIMT_DEVICE void put_part(const ReduceParams& p, u64 at, typename Kind::A all) {
  if (p.parts > 1)
    reinterpret_cast<typename Kind::A*>(p.partial)[at] = all;
  else
    store<T>(p.y, static_cast<i64>(at), Kind::finish(all, p.count));
}

template <typename T, typename Kind>
SIMT_DEVICE void reduce_threads(const ReduceParams& p) {
  typedef typename Kind::A A;
  for (u64 at = grid_first(); at < p.rows * p.parts; at += grid_step()) {
    A all = Kind::init();
    for_part<T>(p, at, 0, 1, [&](lane_t<T> x) { all = Kind::combine(all, Kind::map(x)); });
    put_part<T, Kind>(p, at, all);
  }
}

template <typename T, typename Kind>
SIMT_DEVICE void reduce_blocks(const ReduceParams& p) {
  typedef typename Kind::A A;
  for (u64 at = block_index(); at < p.rows * p.parts; at += grid_size()) {
    A own = Kind::init();
    for_part<T>(p, at, thread_index(), block_size(), [&](lane_t<T> x) { own = Kind::combine(own, Kind::map(x)); });
    const A all = block_reduce(
        own, [](A a, A b) { return Kind::combine(a, b); }, shared<A>());
    if (thread_index() == 0) put_part<T, Kind>(p, at, all);
  }
}

template <typename T, typename Kind>
SIMT_DEVICE void reduce_join(const ReduceParams& p) {
  typedef typename Kind::A A;
  for (u64 row = grid_first(); row < p.rows; row += grid_step()) {
    A all = Kind::init();
    for (u64 part = 0; part < p.parts; ++part)
      all = Kind::combine(all, reinterpret_cast<const A*>(p.partial)[part * p.rows + row]);
    store<T>(p.y, static_cast<i64>(row), Kind::finish(all, p.count));
  }
}

// log Σ e^x, with the maximum taken out. A maximum that is infinite is the answer: ∞ − ∞ would be NaN.
template <typename T>
SIMT_DEVICE void reduce_logsumexp(const ReduceParams& p) {
  typedef lane_t<T> A;
  for (u64 at = block_index(); at < p.rows * p.parts; at += grid_size()) {
    A top = number<A>::lowest(), sum = A(0);
    for_part<T>(p, at, thread_index(), block_size(), [&](A x) { top = binary_max(top, x); });
    top = block_reduce(
        top, [](A a, A b) { return binary_max(a, b); }, shared<A>());
    const bool finite = top == top && !is_infinite(top);
    if (finite) {
      for_part<T>(p, at, thread_index(), block_size(), [&](A x) { sum += m_exp(x - top); });
      sum = block_reduce(
          sum, [](A a, A b) { return a + b; }, shared<A>());
    }
    if (thread_index() > 0) continue;
    if (p.parts > 1) {
      reinterpret_cast<A*>(p.partial)[at * 2] = top;
      reinterpret_cast<A*>(p.partial)[at * 2 + 1] = sum;
    } else {
      store<T>(p.y, static_cast<i64>(at), finite ? top + m_log(sum) : top);
    }
  }
}

template <typename T>
SIMT_DEVICE void join_logsumexp(const ReduceParams& p) {
  typedef lane_t<T> A;
  const A* partial = reinterpret_cast<const A*>(p.partial);
  for (u64 row = grid_first(); row < p.rows; row += grid_step()) {
    A top = number<A>::lowest(), sum = A(0);
    for (u64 part = 0; part < p.parts; ++part) top = binary_max(top, partial[(part * p.rows + row) * 2]);
    const bool finite = top == top && !is_infinite(top);
    for (u64 at = row; finite && at < p.rows * p.parts; at += p.rows)
      sum += partial[at * 2 + 1] * m_exp(partial[at * 2] - top);
    store<T>(p.y, static_cast<i64>(row), finite ? top + m_log(sum) : top);
  }
}

}  // namespace simt
