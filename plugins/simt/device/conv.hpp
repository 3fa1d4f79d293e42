// Convolutions as products of matrices that are never written down: weights (filters × k) by the windows of x
// (k × positions), where k counts channels, then taps. This is the plain one; fragment_conv.hpp has matrix units.
#pragma once

#include "matmul.hpp"
#include "window.hpp"

namespace simt {

// y[image, filter, position] = act(sum + bias + residual); filter counts those of all groups.
template <typename T>
SIMT_DEVICE void store_conv(const ConvParams& p, u64 image, u64 filter, u64 position, accumulator_t<T> sum) {
  typedef accumulator_t<T> A;
  const i64 at = static_cast<i64>((image * p.groups * p.filters + filter) * volume(p.window.narrow) + position);
  if (p.bias) sum += static_cast<A>(load<T>(p.bias, static_cast<i64>(filter)));
  if (p.residual) sum += static_cast<A>(load<T>(p.residual, at));
  if constexpr (number<A>::is_float)
    if (p.activation != kActivationNone) sum = activated(p.activation, sum);
  store<T>(p.y, at, static_cast<lane_t<T>>(sum));
}

template <typename T, u32 kTile>
SIMT_DEVICE void conv(const ConvParams& p) {
  typedef accumulator_t<T> A;
  const u64 taps = volume(p.window.taps), k = p.depth * taps;
  const u64 wide = volume(p.window.wide), narrow = volume(p.window.narrow);
  const u64 tiles = (p.filters + kTile - 1) / kTile * p.tiles_n;
  for (u64 block = block_index(); block < tiles * p.images * p.groups; block += grid_size()) {
    const u64 batch = block / tiles, tile = block % tiles, group = batch % p.groups;
    product_tile<A, kTile>(
        tile / p.tiles_n * kTile, tile % p.tiles_n * kTile, p.filters, narrow, k, true, false,
        [&](u64 m, u64 kk) { return static_cast<A>(load<T>(p.w, static_cast<i64>((group * p.filters + m) * k + kk))); },
        [&](u64 kk, u64 n) {
          i64 at;
          if (!meet(p.window, n, kk % taps, at)) return A(0);
          return static_cast<A>(load<T>(p.x, static_cast<i64>((batch * p.depth + kk / taps) * wide) + at));
        },
        [&](u64 m, u64 n, A y) { store_conv<T>(p, batch / p.groups, group * p.filters + m, n, y); });
  }
}

}  // namespace simt
