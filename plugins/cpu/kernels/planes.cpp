// The copies into the planes. Rows are short, so that calls and branches would cost more than the floats.
#include "kernels/planes.hpp"

#include "kernels/plane_ops.hpp"

#include <algorithm>

namespace rlx::cpu {

namespace {
constexpr uint64_t kBandFloats = 6144;  // of all phases: three quarters of a first-level cache of 32 KiB
constexpr int64_t kLeastRows = 4;       // of a band, even where they take more than that
constexpr uint64_t kGrain = 100'000;    // taps of all windows worth a second thread
}  // namespace

bool Planes::fits(const WindowAxis& y, const WindowAxis& x) {
  constexpr double kMostFloats = 1 << 20;
  const auto spread = [](const WindowAxis& a) {
    return static_cast<double>(a.taps - 1) * static_cast<double>(a.dilation) / static_cast<double>(a.stride);
  };
  const double phases = static_cast<double>(std::min(y.taps, y.stride) * std::min(x.taps, x.stride));
  const double rows = static_cast<double>(std::min(kLeastRows, y.out)) + spread(y);
  return phases * rows * (static_cast<double>(x.out) + spread(x)) <= kMostFloats;
}

Planes::Planes(const WindowAxis& y, const WindowAxis& x, uint64_t block) : y_(y), x_(x) {
  const int64_t extra_columns = (x.taps - 1) * x.dilation / x.stride;
  extra_rows_ = (y.taps - 1) * y.dilation / y.stride;
  pitch_ = static_cast<uint64_t>(x.out + extra_columns);
  for (int64_t i = 0; i < y.taps; ++i)
    for (int64_t j = 0; j < x.taps; ++j) {
      const Phase phase{i * y.dilation % y.stride, j * x.dilation % x.stride};
      const auto same = [&](const Phase& p) { return p.y == phase.y && p.x == phase.x; };
      if (std::none_of(phases_.begin(), phases_.end(), same)) phases_.push_back(phase);
    }
  const uint64_t rows = kBandFloats / (phases_.size() * pitch_), extra = static_cast<uint64_t>(extra_rows_);
  band_rows_ = std::clamp<uint64_t>(rows > extra ? rows - extra : 1, static_cast<uint64_t>(std::min(kLeastRows, y.out)),
                                    static_cast<uint64_t>(y.out));
  run_room_ = (run_floats(band_rows_) + block - 1) / block * block;
  plane_floats_ = ((band_rows_ + extra) * pitch_ + static_cast<uint64_t>(extra_columns) + 2 * block) / 16 * 16;
  for (int64_t i = 0; i < y.taps; ++i)
    for (int64_t j = 0; j < x.taps; ++j) {
      const int64_t row = i * y.dilation, column = j * x.dilation;
      const auto at = std::find_if(phases_.begin(), phases_.end(),
                                   [&](const Phase& p) { return p.y == row % y.stride && p.x == column % x.stride; });
      taps_.push_back(static_cast<uint64_t>(at - phases_.begin()) * plane_floats_ +
                      static_cast<uint64_t>(row / y.stride) * pitch_ + static_cast<uint64_t>(column / x.stride));
    }
}

uint64_t Planes::grain() const {
  const uint64_t cost = static_cast<uint64_t>(y_.out * x_.out) * taps_.size();
  return (kGrain + cost - 1) / cost;
}

void Planes::load(const float* channel, const Band& band) const {
  const PlaneOps& ops = plane_ops();
  const int64_t plane_rows = static_cast<int64_t>(band.rows) + extra_rows_, columns = static_cast<int64_t>(pitch_);
  float* planes = band.planes;
  for (const Phase& p : phases_) {
    // Plane row r is input row start_y + r * stride; the same for columns.
    const int64_t start_y = static_cast<int64_t>(band.first) * y_.stride + p.y - y_.pad, start_x = p.x - x_.pad;
    const auto first_inside = [](int64_t start, int64_t stride) {
      return start < 0 ? (-start + stride - 1) / stride : int64_t{0};
    };
    const auto end_inside = [](int64_t start, int64_t stride, int64_t size) {
      return start < size ? (size - 1 - start) / stride + 1 : int64_t{0};
    };
    const int64_t c0 = first_inside(start_x, x_.stride), c1 = std::min(columns, end_inside(start_x, x_.stride, x_.in));
    const int64_t r0 = first_inside(start_y, y_.stride);
    const int64_t r1 = std::min(plane_rows, end_inside(start_y, y_.stride, y_.in));
    if (c0 < c1 && r0 < r1)
      ops.load({channel + (start_y + r0 * y_.stride) * x_.in + start_x + c0 * x_.stride,
                static_cast<size_t>(y_.stride * x_.in), static_cast<size_t>(x_.stride), planes + r0 * columns + c0,
                pitch_, static_cast<size_t>(r1 - r0), static_cast<size_t>(c1 - c0)});
    planes += plane_floats_;
  }
}

}  // namespace rlx::cpu
