// sample: a block for each row finds an id among candidates that are in order already (device/sort.hpp,
// device/select.hpp). Weights are integers and their sums exact, so that ids do not depend on who adds what up first;
// docs/ops.md has the arithmetic.
#pragma once

#include "bitonic.hpp"
#include "random.hpp"

namespace simt {

// As rlx/sdk/sampling.hpp.
SIMT_DEVICE u32 sample_weight(f64 distance) {
  constexpr u64 kOne = u64{1} << 31, kLn2 = 0xB17217F7u;
  constexpr u32 kTerms = 12;
  if (!(distance < 137438953472.0)) return 0;
  const u64 steps = static_cast<u64>(distance), t = (steps & 0xffffffffu) * kLn2 >> 32;
  u64 power = kOne;
  SIMT_UNROLL
  for (u32 n = kTerms; n > 0; --n) power = kOne - static_cast<u32>(t * power >> 32) / n;
  return static_cast<u32>(power >> (steps >> 32));
}

SIMT_DEVICE u64 multiply_high(u64 a, u64 b) {
  const u64 low = (a & 0xffffffffu) * (b & 0xffffffffu);
  const u64 middle = (a >> 32) * (b & 0xffffffffu) + (low >> 32);
  const u64 other = (a & 0xffffffffu) * (b >> 32) + (middle & 0xffffffffu);
  return (a >> 32) * (b >> 32) + (middle >> 32) + (other >> 32);
}

// A logit in a descending order.
template <typename T>
SIMT_DEVICE f64 candidate(const SampleParams& p, u64 row, u64 at) {
  const item_t<T>* items = reinterpret_cast<const item_t<T>*>(p.items) + row * p.stride;
  return static_cast<f64>(sort_value<T>(~item_key(items[at])));
}

// Calls fn(candidate, weight of those before it, its own) for a thread's share of the first candidates, until those
// that were looked at have a weight of at least `until`.
template <typename T, typename Fn>
SIMT_DEVICE void walk_candidates(const SampleParams& p, u64 row, f64 largest, u64 until, Fn fn) {
  constexpr u32 kEach = 4;
  u64 carry = 0;
  for (u64 base = 0; base < p.count && carry < until; base += u64{block_size()} * kEach) {
    const u64 first = base + thread_index() * kEach;
    u32 weights[kEach];
    u64 own = 0;
    SIMT_UNROLL
    for (u32 i = 0; i < kEach; ++i) {
      weights[i] = first + i < p.count ? sample_weight((largest - candidate<T>(p, row, first + i)) * p.scale) : 0;
      own += weights[i];
    }
    const BlockScan<u64> scan = block_scan(
        own, u64{0}, [](u64 a, u64 b) { return a + b; }, shared<u64>());
    u64 before = carry + scan.before;
    SIMT_UNROLL
    for (u32 i = 0; i < kEach; ++i) {
      fn(first + i, before, weights[i]);
      before += weights[i];
    }
    carry += scan.all;
  }
}

template <typename T>
SIMT_DEVICE void sample(const SampleParams& p) {
  const auto add = [](u64 a, u64 b) { return a + b; };
  const u64 run = *reinterpret_cast<const u64*>(p.run_counter);
  for (u64 row = block_index(); row < p.rows; row += grid_size()) {
    const item_t<T>* items = reinterpret_cast<const item_t<T>*>(p.items) + row * p.stride;
    i64* id = reinterpret_cast<i64*>(p.ids) + row;
    const f64 largest = candidate<T>(p, row, 0);
    if (p.greedy || !(largest - largest == 0)) {
      if (thread_index() == 0) *id = static_cast<i64>(item_at(items[0]));
      continue;
    }
    u64 total = 0;
    for (u64 at = thread_index(); at < p.count; at += block_size())
      total += sample_weight((largest - candidate<T>(p, row, at)) * p.scale);
    total = block_reduce(total, add, shared<u64>());
    u64 reach = total;
    if (p.top_p < 1) {
      reach = static_cast<u64>(p.top_p * static_cast<f64>(total));
      if (reach == 0) reach = 1;
    }
    u64 kept = 0;
    walk_candidates<T>(p, row, largest, reach, [&](u64, u64 before, u32 weight) {
      if (before < reach && weight >= p.least) kept += weight;
    });
    kept = block_reduce(kept, add, shared<u64>());
    const PhiloxBlock random = philox(row, run, p.key);
    const u64 target = multiply_high(u64{random.words[0]} << 32 | random.words[1], kept);
    walk_candidates<T>(p, row, largest, target + 1, [&](u64 at, u64 before, u32 weight) {
      if (before <= target && target < before + weight) *id = static_cast<i64>(item_at(items[at]));
    });
  }
}

}  // namespace simt
