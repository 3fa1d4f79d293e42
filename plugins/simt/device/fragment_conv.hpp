// Convolutions on matrix units. The positions of all images are the columns of one product for each group, so that
// small images fill tiles, too. Axes, k and all positions together are below 2^31 here.
#pragma once

#include "conv.hpp"
#include "fragment_tile.hpp"

namespace simt {

// Tiles of the matrix of windows, as an operand (fragment_tile.hpp) whose rows are steps of k. A thread has the same
// columns in every step, a run of neighbouring positions: it knows where they are and only asks what tap k meets there.
template <typename T, typename Tile, u32 kThreads>
class WindowOperand {
 public:
  // The tile begins at column n0 of the group's matrix.
  SIMT_DEVICE WindowOperand(const ConvParams& p, u64 group, u64 n0) : p_(p) {
    static_assert(kThreads % Tile::kPerRow == 0, "");
    const u32 narrow = static_cast<u32>(volume(p.window.narrow)), all = static_cast<u32>(p.images) * narrow;
    const u32 first = static_cast<u32>(n0) + thread_index() % Tile::kPerRow * kRun;
    count_ = first >= all ? 0 : all - first < kRun ? all - first : kRun;
    u32 position = first % narrow;
    for (u32 axis = kSpatial; axis-- > 0; position /= size(axis)) at_[axis] = position % size(axis);
    wide_ = volume(p.window.wide);
    channels_ = p.x + ((first / narrow * p.groups + group) * p.depth * wide_) * sizeof(T);
    one_row_ = count_ == kRun && at_[2] + kRun <= size(2) && p.window.stride[2] == 1;
  }

  SIMT_DEVICE void fetch(u64 k0, T*) {
    const u32 taps = static_cast<u32>(volume(p_.window.taps)), depth = static_cast<u32>(p_.depth) * taps;
    SIMT_UNROLL
    for (u32 i = 0; i < kHeld; ++i) {
      const u32 k = static_cast<u32>(k0) + (thread_index() + i * kThreads) / Tile::kPerRow;
      held_[i] = k < depth ? gather(k / taps, k % taps) : Vector{};
    }
  }
  SIMT_DEVICE void finish(T* tile) {
    SIMT_UNROLL
    for (u32 i = 0; i < kHeld; ++i) Tile::write(tile, thread_index() + i * kThreads, held_[i]);
  }

 private:
  static constexpr u32 kHeld = Tile::kVectors / kThreads, kRun = Tile::kPerVector;

  SIMT_DEVICE u32 size(u32 axis) const { return static_cast<u32>(p_.window.narrow[axis]); }
  SIMT_DEVICE i32 wide(u32 axis) const { return static_cast<i32>(p_.window.wide[axis]); }

  // What the run of positions meets of one channel's tap; zero in the padding.
  SIMT_DEVICE Vector gather(u32 channel, u32 tap) const {
    const WindowParams& w = p_.window;
    i32 shift[kSpatial];
    for (u32 axis = kSpatial; axis-- > 0; tap /= static_cast<u32>(w.taps[axis]))
      shift[axis] = static_cast<i32>(tap % static_cast<u32>(w.taps[axis])) * static_cast<i32>(w.dilation[axis]) -
                    static_cast<i32>(w.pad[axis]);
    const auto met = [&](u32 axis, u32 at) {
      return static_cast<i32>(at) * static_cast<i32>(w.stride[axis]) + shift[axis];
    };
    const auto inside = [&](u32 axis, i32 i) { return i >= 0 && i < wide(axis); };
    const T* from = reinterpret_cast<const T*>(channels_) + channel * wide_;

    if (one_row_) {
      const i32 a = met(0, at_[0]), b = met(1, at_[1]), c = met(2, at_[2]);
      if (!inside(0, a) || !inside(1, b)) return {};
      if (c >= 0 && c + static_cast<i32>(kRun) <= wide(2)) {
        from += (static_cast<i64>(a) * wide(1) + b) * wide(2) + c;
        return read_vector(from, kRun, reinterpret_cast<u64>(from) % sizeof(Vector) == 0);
      }
    }
    struct {
      T at[kRun];
    } run;
    u32 at[kSpatial] = {at_[0], at_[1], at_[2]};
    SIMT_UNROLL
    for (u32 i = 0; i < kRun; ++i) {
      const i32 a = met(0, at[0]), b = met(1, at[1]), c = met(2, at[2]);
      run.at[i] = i < count_ && inside(0, a) && inside(1, b) && inside(2, c)
                      ? from[(static_cast<i64>(a) * wide(1) + b) * wide(2) + c]
                      : convert<T>::from(f32(0));
      if (++at[2] < size(2)) continue;
      at[2] = 0;
      if (++at[1] < size(1)) continue;
      at[1] = 0;
      if (++at[0] < size(0)) continue;
      at[0] = 0;
      from += p_.groups * p_.depth * wide_;  // the next image
    }
    return bits_as<Vector>(run);
  }

  const ConvParams& p_;
  u32 at_[kSpatial], count_;  // the first position of the run, and how many there are
  u64 wide_;
  Address channels_;  // of its image and group
  bool one_row_;      // the run is of neighbours in one row of x, too
  Vector held_[kHeld];
};

template <typename T, u32 kTile>
SIMT_DEVICE void fragment_conv(const ConvParams& p) {
  typedef FragmentTile<T, kTile, false, true> Product;
  const u64 depth = p.depth * volume(p.window.taps), tiles = (p.filters + kTile - 1) / kTile * p.tiles_n;
  const u32 narrow = static_cast<u32>(volume(p.window.narrow)), columns = static_cast<u32>(p.images) * narrow;
  for (u64 block = block_index(); block < tiles * p.groups; block += grid_size()) {
    const u64 group = block / tiles, tile = block % tiles;
    const u32 m0 = static_cast<u32>(tile / p.tiles_n) * kTile, n0 = static_cast<u32>(tile % p.tiles_n) * kTile;
    MatrixOperand<T, typename Product::TileA, false, Product::kThreads> a(
        p.w + group * p.filters * depth * sizeof(T), m0, p.filters, depth, static_cast<i64>(depth));
    WindowOperand<T, typename Product::TileB, Product::kThreads> b(p, group, n0);
    Product::multiply(depth, a, b, [&](u32 m, u32 n, accumulator_t<T> sum) {
      if (m0 + m < p.filters && n0 + n < columns)
        store_conv<T>(p, (n0 + n) / narrow, group * p.filters + m0 + m, (n0 + n) % narrow, sum);
    });
  }
}

}  // namespace simt
