// Along an axis, a thread for each row: running sums and products, the position of the extreme; and sorting, where a
// thread finds the place of one element by counting those that come before it.
#pragma once

#include "reduce.hpp"

namespace simt {

template <typename T, typename Kind>
SIMT_DEVICE void scan(const ScanParams& p) {
  typedef typename Kind::A A;
  for (u64 row = grid_first(); row < p.outer * p.inner; row += grid_step()) {
    const u64 start = row / p.inner * p.size * p.inner + row % p.inner;
    A total = Kind::init();
    for (u64 step = 0; step < p.size; ++step) {
      const i64 at = static_cast<i64>(start + (p.reverse ? p.size - 1 - step : step) * p.inner);
      const A before = total;
      total = Kind::combine(total, static_cast<A>(load<T>(p.x, at)));
      store<T>(p.y, at, static_cast<lane_t<T>>(p.exclusive ? before : total));
    }
  }
}

// NaN is the largest value.
template <typename A>
SIMT_DEVICE bool comes_before(A a, A b) {
  return a < b || (b != b && a == a);
}

template <typename T>
SIMT_DEVICE void arg_reduce(const ArgReduceParams& p) {
  typedef lane_t<T> A;
  for (u64 row = grid_first(); row < p.outer * p.inner; row += grid_step()) {
    const u64 start = row / p.inner * p.size * p.inner + row % p.inner;
    u64 best = 0;
    A best_value = load<T>(p.x, static_cast<i64>(start));
    for (u64 i = 1; i < p.size; ++i) {
      const A now = load<T>(p.x, static_cast<i64>(start + i * p.inner));
      const bool better = p.largest ? comes_before(best_value, now) : comes_before(now, best_value);
      const bool worse = p.largest ? comes_before(now, best_value) : comes_before(best_value, now);
      if (better || (p.last && !worse)) {
        best = i;
        best_value = now;
      }
    }
    reinterpret_cast<i64*>(p.y)[row] = static_cast<i64>(best);
  }
}

template <typename T>
SIMT_DEVICE void sort(const SortParams& p) {
  typedef lane_t<T> A;
  for (u64 at = grid_first(); at < p.outer * p.size * p.inner; at += grid_step()) {
    const u64 own = at / p.inner % p.size;
    const u64 start = at / p.inner / p.size * p.size * p.inner + at % p.inner;
    const A x = load<T>(p.x, static_cast<i64>(at));
    u64 place = 0;
    for (u64 i = 0; i < p.size; ++i) {
      const A other = load<T>(p.x, static_cast<i64>(start + i * p.inner));
      const bool before = p.descending ? comes_before(x, other) : comes_before(other, x);
      const bool after = p.descending ? comes_before(other, x) : comes_before(x, other);
      place += before || (!after && i < own);
    }
    const i64 to = static_cast<i64>(start + place * p.inner);
    store<T>(p.values, to, x);
    reinterpret_cast<i64*>(p.positions)[to] = static_cast<i64>(own);
  }
}

}  // namespace simt
