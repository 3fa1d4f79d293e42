// Windows over up to three spatial axes, which convolutions and pools walk, and the pools.
#pragma once

#include "scalar_ops.hpp"

namespace simt {

// The position of x, inside of one channel, where an output's position meets a tap. False in the padding.
SIMT_DEVICE bool meet(const WindowParams& w, u64 position, u64 tap, i64& at) {
  at = 0;
  i64 scale = 1;
  for (u32 axis = kSpatial; axis-- > 0;) {
    const i64 o = static_cast<i64>(position % static_cast<u64>(w.narrow[axis]));
    const i64 t = static_cast<i64>(tap % static_cast<u64>(w.taps[axis]));
    position /= static_cast<u64>(w.narrow[axis]);
    tap /= static_cast<u64>(w.taps[axis]);
    const i64 i = o * w.stride[axis] - w.pad[axis] + t * w.dilation[axis];
    if (i < 0 || i >= w.wide[axis]) return false;
    at += i * scale;
    scale *= w.wide[axis];
  }
  return true;
}
SIMT_DEVICE u64 volume(const int64_t* sizes) {
  return static_cast<u64>(sizes[0]) * static_cast<u64>(sizes[1]) * static_cast<u64>(sizes[2]);
}

template <typename T>
SIMT_DEVICE void max_pool(const PoolParams& p) {
  typedef lane_t<T> A;
  const u64 wide = volume(p.window.wide), narrow = volume(p.window.narrow), taps = volume(p.window.taps);
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    const i64 channel = static_cast<i64>(at / narrow * wide);
    A best = number<A>::lowest();
    i64 found = -1;
    for (u64 tap = 0; tap < taps; ++tap) {
      i64 position;
      if (!meet(p.window, at % narrow, tap, position)) continue;
      const A x = load<T>(p.x, channel + position);
      // NaN wins over all and stays.
      const bool larger = best < x || (x != x && best == best);
      if (larger) best = x;
      if (larger || found < 0) found = position;
    }
    store<T>(p.y, static_cast<i64>(at), best);
    if (!p.indices) continue;
    if (found < 0) found = 0;
    const i64 b = p.window.wide[1], c = p.window.wide[2];
    if (p.column_major) found = found / (b * c) + p.window.wide[0] * (found / c % b + b * (found % c));
    reinterpret_cast<i64*>(p.indices)[at] = channel + found;
  }
}

// Σ|x|^p to the power 1/p.
template <typename T, bool kMean>
SIMT_DEVICE void sum_pool(const PoolParams& p) {
  typedef lane_t<T> A;
  const u64 wide = volume(p.window.wide), narrow = volume(p.window.narrow), taps = volume(p.window.taps);
  for (u64 at = grid_first(); at < p.count; at += grid_step()) {
    const i64 channel = static_cast<i64>(at / narrow * wide);
    A sum = A(0);
    u64 inside = 0, padded = 0;
    for (u64 tap = 0; tap < taps; ++tap) {
      u64 o = at % narrow, t = tap;
      bool counts = true;
      for (u32 axis = kSpatial; axis-- > 0;
           o /= static_cast<u64>(p.window.narrow[axis]), t /= static_cast<u64>(p.window.taps[axis])) {
        const i64 i = static_cast<i64>(o % static_cast<u64>(p.window.narrow[axis])) * p.window.stride[axis] -
                      p.window.pad[axis] +
                      static_cast<i64>(t % static_cast<u64>(p.window.taps[axis])) * p.window.dilation[axis];
        counts = counts && i < p.padded_end[axis];
      }
      padded += counts;
      i64 position;
      if (!meet(p.window, at % narrow, tap, position)) continue;
      ++inside;
      const A x = load<T>(p.x, channel + position), size = m_fabs(x);
      sum += kMean ? x : p.power == 1 ? size : p.power == 2 ? x * x : m_pow(size, static_cast<A>(p.power));
    }
    A y;
    if (kMean)
      y = sum / static_cast<A>(p.count_padding ? padded : inside);
    else
      y = p.power == 1 ? sum : p.power == 2 ? m_sqrt(sum) : m_pow(sum, A(1) / static_cast<A>(p.power));
    store<T>(p.y, static_cast<i64>(at), y);
  }
}

}  // namespace simt
