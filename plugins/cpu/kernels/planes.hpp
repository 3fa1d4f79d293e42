// Lays a band of one channel out so that a sliding window needs no borders: padded, and split by the strides into
// phases, so that every tap of the window is the same run of floats at another offset. Depthwise convolution and
// pooling then are a few long vector loops, for any stride, dilation and padding.
#pragma once

#include "kernels/window.hpp"

#include <cstdint>
#include <vector>

namespace rlx::cpu {

class Planes {
 public:
  // y and x: the axes of an image. block: floats that the vector loop may read at once.
  Planes(const WindowAxis& y, const WindowAxis& x, uint64_t block);

  // Output rows of a band; the last one of the image may be shorter.
  uint64_t band_rows() const { return band_rows_; }
  uint64_t pitch() const { return pitch_; }  // floats from one output row to the next in the run
  // Floats of the run for so many output rows.
  uint64_t run_floats(uint64_t rows) const { return (rows - 1) * pitch_ + static_cast<uint64_t>(x_.out); }
  // Offsets of the taps, the x axis running fastest.
  const std::vector<uint64_t>& taps() const { return taps_; }
  uint64_t floats() const { return phases_.size() * plane_floats_; }

  // Fills everything with the padding value; once per band, since load() leaves the borders alone.
  void start(float padding, float* planes) const;
  // Copies what output rows [first, first + rows) see of a channel.
  void load(const float* channel, uint64_t first, uint64_t rows, float* planes) const;

 private:
  struct Phase {
    int64_t y, x;
  };
  WindowAxis y_, x_;
  int64_t extra_rows_ = 0;  // of a plane beyond the band's
  uint64_t pitch_, band_rows_, plane_floats_;
  std::vector<Phase> phases_;
  std::vector<uint64_t> taps_;
};

}  // namespace rlx::cpu
