// cumsum and cumprod: a block for each part of a row that is dense, a thread for each part of one whose neighbours lie
// between its elements. With more than one part the totals of all parts come first (scan_*_totals); each part then
// begins with what those before it have. Steps count in the direction of the scan.
#pragma once

#include "reduce.hpp"

namespace simt {

// One part of one row, in steps.
struct ScanRange {
  u64 row, part, first, end;
};

SIMT_DEVICE ScanRange scan_range(const ScanParams& p, u64 at) {
  const u64 part = at / p.part.rows;
  return ScanRange{at % p.part.rows, part, part * p.part.part_size, part_end(p.part, part)};
}

SIMT_DEVICE i64 scan_offset(const ScanParams& p, u64 row, u64 step) {
  return row_offset(p.part, row, p.reverse ? p.part.size - 1 - step : step);
}

// The totals of a row's parts up to `parts`, every step-th from first on.
template <typename Kind>
SIMT_DEVICE typename Kind::A totals_before(const ScanParams& p, u64 row, u64 parts, u64 first, u64 step) {
  typename Kind::A all = Kind::init();
  for (u64 part = first; part < parts; part += step)
    all = Kind::combine(all, reinterpret_cast<const typename Kind::A*>(p.part.partial)[part * p.part.rows + row]);
  return all;
}

template <typename Kind>
SIMT_DEVICE void put_total(const ScanParams& p, const ScanRange& range, typename Kind::A total) {
  reinterpret_cast<typename Kind::A*>(p.part.partial)[range.part * p.part.rows + range.row] = total;
}

template <typename T, typename Kind>
SIMT_DEVICE void scan_row_totals(const ScanParams& p) {
  typedef typename Kind::A A;
  for (u64 at = block_index(); at < p.part.rows * (p.part.parts - 1); at += grid_size()) {
    const ScanRange range = scan_range(p, at);
    A own = Kind::init();
    for (u64 step = range.first + thread_index(); step < range.end; step += block_size())
      own = Kind::combine(own, static_cast<A>(load<T>(p.x, scan_offset(p, range.row, step))));
    own = block_reduce(
        own, [](A a, A b) { return Kind::combine(a, b); }, shared<A>());
    if (thread_index() == 0) put_total<Kind>(p, range, own);
  }
}

// A thread takes a few steps in a row, so that the exchange between threads is shared by more of them.
template <typename T, typename Kind>
SIMT_DEVICE void scan_rows(const ScanParams& p) {
  typedef typename Kind::A A;
  constexpr u32 kSteps = 4;
  const auto combine = [](A a, A b) { return Kind::combine(a, b); };
  for (u64 at = block_index(); at < p.part.rows * p.part.parts; at += grid_size()) {
    const ScanRange range = scan_range(p, at);
    A carry = Kind::init();
    if (range.part > 0)
      carry = block_reduce(totals_before<Kind>(p, range.row, range.part, thread_index(), block_size()), combine,
                           shared<A>());
    for (u64 base = range.first; base < range.end; base += u64{block_size()} * kSteps) {
      const u64 first = base + thread_index() * kSteps;
      A steps[kSteps], own = Kind::init();
      SIMT_UNROLL
      for (u32 i = 0; i < kSteps; ++i) {
        steps[i] =
            first + i < range.end ? static_cast<A>(load<T>(p.x, scan_offset(p, range.row, first + i))) : Kind::init();
        own = Kind::combine(own, steps[i]);
      }
      const BlockScan<A> scan = block_scan(own, Kind::init(), combine, shared<A>());
      A total = Kind::combine(carry, scan.before);
      SIMT_UNROLL
      for (u32 i = 0; i < kSteps; ++i) {
        const A before = total;
        total = Kind::combine(total, steps[i]);
        if (first + i < range.end)
          store<T>(p.y, scan_offset(p, range.row, first + i), static_cast<lane_t<T>>(p.exclusive ? before : total));
      }
      carry = Kind::combine(carry, scan.all);
    }
  }
}

template <typename T, typename Kind>
SIMT_DEVICE void scan_column_totals(const ScanParams& p) {
  typedef typename Kind::A A;
  for (u64 at = grid_first(); at < p.part.rows * (p.part.parts - 1); at += grid_step()) {
    const ScanRange range = scan_range(p, at);
    A total = Kind::init();
    for (u64 step = range.first; step < range.end; ++step)
      total = Kind::combine(total, static_cast<A>(load<T>(p.x, scan_offset(p, range.row, step))));
    put_total<Kind>(p, range, total);
  }
}

template <typename T, typename Kind>
SIMT_DEVICE void scan_columns(const ScanParams& p) {
  typedef typename Kind::A A;
  for (u64 at = grid_first(); at < p.part.rows * p.part.parts; at += grid_step()) {
    const ScanRange range = scan_range(p, at);
    A total = totals_before<Kind>(p, range.row, range.part, 0, 1);
    for (u64 step = range.first; step < range.end; ++step) {
      const i64 offset = scan_offset(p, range.row, step);
      const A before = total;
      total = Kind::combine(total, static_cast<A>(load<T>(p.x, offset)));
      store<T>(p.y, offset, static_cast<lane_t<T>>(p.exclusive ? before : total));
    }
  }
}

}  // namespace simt
