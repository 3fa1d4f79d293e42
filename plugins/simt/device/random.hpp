// Philox4x32-10 (Salmon et al., SC 2011): element e takes word e % 4 of the block with counter (e / 4, run), so that
// every device draws the same numbers in any order.
#pragma once

#include "scalar_ops.hpp"

namespace simt {

struct PhiloxBlock {
  u32 words[4];
};

SIMT_DEVICE PhiloxBlock philox(u64 block, u64 run, u64 key) {
  u32 c0 = static_cast<u32>(block), c1 = static_cast<u32>(block >> 32);
  u32 c2 = static_cast<u32>(run), c3 = static_cast<u32>(run >> 32);
  u32 k0 = static_cast<u32>(key), k1 = static_cast<u32>(key >> 32);
  for (u32 round = 0; round < 10; ++round) {
    const u64 a = u64{0xD2511F53u} * c0, b = u64{0xCD9E8D57u} * c2;
    c0 = static_cast<u32>(b >> 32) ^ c1 ^ k0;
    c1 = static_cast<u32>(b);
    c2 = static_cast<u32>(a >> 32) ^ c3 ^ k1;
    c3 = static_cast<u32>(a);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return PhiloxBlock{{c0, c1, c2, c3}};
}

// In [0, 1).
template <typename A>
SIMT_DEVICE A unit(u32 word) {
  return static_cast<A>(word >> 8) * A(5.9604644775390625e-8);
}

template <typename T>
SIMT_DEVICE void random_uniform(const RandomParams& p) {
  typedef lane_t<T> A;
  const u64 run = *reinterpret_cast<const u64*>(p.run_counter);
  for (u64 at = grid_first(); at < p.count; at += grid_step())
    store<T>(p.y, static_cast<i64>(at),
             static_cast<A>(p.offset) + unit<A>(philox(at / 4, run, p.key).words[at % 4]) * static_cast<A>(p.scale));
}

// Box-Muller on the words of a pair of elements.
template <typename T>
SIMT_DEVICE void random_normal(const RandomParams& p) {
  typedef lane_t<T> A;
  const u64 run = *reinterpret_cast<const u64*>(p.run_counter);
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    const PhiloxBlock block = philox(at / 4, run, p.key);
    const u32 first = static_cast<u32>(at % 4 / 2 * 2);
    // Above 0, so that the logarithm is finite.
    const A u1 = unit<A>(block.words[first]) + A(5.9604644775390625e-8);
    const A angle = A(6.28318530717958647693) * unit<A>(block.words[first + 1]);
    const A radius = m_sqrt(A(-2) * m_log(u1));
    store<T>(p.y, static_cast<i64>(at),
             static_cast<A>(p.offset) + static_cast<A>(p.scale) * radius * (at % 2 == 0 ? m_cos(angle) : m_sin(angle)));
  }
}

}  // namespace simt
