// Lays a band of one channel out so that a sliding window needs no borders: padded, and split by the strides into
// phases, so that every tap of the window is the same run of floats at another offset. Depthwise convolution and
// pooling then are a few long vector loops, for any stride, dilation and padding.
#pragma once

#include "kernels/window.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace rlx::cpu {

class Planes {
 public:
  // y and x: the axes of an image. block: floats that the vector loop may read and write at once.
  Planes(const WindowAxis& y, const WindowAxis& x, uint64_t block);
  // False for windows spread so far that a band would take megabytes.
  static bool fits(const WindowAxis& y, const WindowAxis& x);

  uint64_t pitch() const { return pitch_; }  // floats from one output row to the next in the run
  // Floats of the run for so many output rows.
  uint64_t run_floats(uint64_t rows) const { return (rows - 1) * pitch_ + static_cast<uint64_t>(x_.out); }
  // Offsets of the taps, the x axis running fastest.
  const std::vector<uint64_t>& taps() const { return taps_; }
  // Working memory of a thread: the planes and the run.
  uint64_t scratch_floats() const { return floats() + run_room_; }
  // Channels worth a second thread.
  uint64_t grain() const;

  // A band of one output channel: rows [first, first + rows) of it. run: where its results go, pitch() apart.
  struct Band {
    uint64_t channel, first, rows;
    float *planes, *run;
  };
  // Calls fn(Band) for the bands of output channels [begin, end), with padding around what load() will copy.
  template <typename Fn>
  void for_bands(uint64_t begin, uint64_t end, float padding, float* scratch, Fn&& fn) const {
    const uint64_t rows = static_cast<uint64_t>(y_.out);
    for (uint64_t first = 0; first < rows; first += band_rows_) {
      std::fill(scratch, scratch + floats(), padding);  // once, since load() leaves the borders alone
      for (uint64_t i = begin; i < end; ++i)
        fn(Band{i, first, std::min(band_rows_, rows - first), scratch, scratch + floats()});
    }
  }
  // Copies what the band sees of an input channel.
  void load(const float* channel, const Band& band) const;

 private:
  uint64_t floats() const { return phases_.size() * plane_floats_; }

  struct Phase {
    int64_t y, x;
  };
  WindowAxis y_, x_;
  int64_t extra_rows_ = 0;  // of a plane beyond the band's
  uint64_t pitch_, band_rows_, plane_floats_, run_room_;
  std::vector<Phase> phases_;
  std::vector<uint64_t> taps_;
};

}  // namespace rlx::cpu
