// resize with ONNX Resize-13 semantics. It is separable: every output position of an axis has up to four taps (input
// position and weight), tabled when the kernel is made. nearest moves elements of any dtype; linear and cubic walk rows
// of the last two resized axes: per output row the weighted sum of up to four input rows, then the taps along the row.
// Bound by memory for nearest, by the gathers along the row otherwise.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/plain_loop.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 4096;  // output elements worth a second thread
constexpr uint32_t kMaxTaps = 4;

struct Taps {
  uint32_t count = 1;
  uint64_t at[kMaxTaps] = {};
  double weight[kMaxTaps] = {1};
  bool outside = false;  // takes the extrapolation value
};
using AxisTaps = std::vector<Taps>;

class AxisMaker {
 public:
  AxisMaker(const NodeView& n, uint32_t axis)
      : n_(n), axis_(axis), in_(n.in(0).dims[axis]), out_(n.out().dims[axis]), coordinates_(n.s("coordinate_mode")) {}

  AxisTaps make() const {
    const bool crops = coordinates_ == "tf_crop_and_resize";
    const bool copies = in_ == out_ && n_.floats("scales")[axis_] == 1 && !crops;
    AxisTaps all;
    for (uint64_t i = 0; i < out_; ++i) {
      if (copies) {
        Taps same;
        same.at[0] = i;
        all.push_back(same);
        continue;
      }
      const double x = coordinate(static_cast<double>(i));
      all.push_back(taps_at(x));
      all.back().outside = crops && (x < 0 || x > static_cast<double>(in_) - 1);
    }
    return all;
  }

 private:
  double coordinate(double i) const {
    const double scale = n_.floats("scales")[axis_], in = static_cast<double>(in_), out = static_cast<double>(out_);
    if (coordinates_ == "half_pixel") return (i + 0.5) / scale - 0.5;
    if (coordinates_ == "half_pixel_symmetric") return in / 2 * (1 - out / (in * scale)) + (i + 0.5) / scale - 0.5;
    if (coordinates_ == "pytorch_half_pixel") return out > 1 ? (i + 0.5) / scale - 0.5 : 0;
    if (coordinates_ == "align_corners") return out > 1 ? i * (in - 1) / (out - 1) : 0;
    if (coordinates_ == "asymmetric") return i / scale;
    const auto roi = n_.floats("roi");
    const double start = roi[axis_], end = roi[n_.in(0).rank + axis_];
    return out > 1 ? start * (in - 1) + i * (end - start) * (in - 1) / (out - 1) : 0.5 * (start + end) * (in - 1);
  }

  double nearest(double x) const {
    const std::string_view mode = n_.s("nearest_mode");
    if (mode == "round_prefer_floor") return std::ceil(x - 0.5);
    if (mode == "round_prefer_ceil") return std::floor(x + 0.5);
    return mode == "floor" ? std::floor(x) : std::ceil(x);
  }

  // Keys' kernel at distance d.
  static double cubic_weight(double d, double a) {
    d = std::fabs(d);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    return 0;
  }

  Taps taps_at(double x) const {
    const double last = static_cast<double>(in_) - 1, left = std::floor(x), part = x - left;
    const std::string_view mode = n_.s("mode");
    Taps t;
    t.count = 0;
    const auto add = [&](double position, double weight) {
      t.at[t.count] = static_cast<uint64_t>(std::clamp(position, 0.0, last));
      t.weight[t.count++] = weight;
    };
    if (mode == "nearest") {
      add(nearest(x), 1);
    } else if (mode == "linear") {
      add(left, 1 - part);
      add(left + 1, part);
    } else {
      const double a = n_.f("cubic_coeff_a");
      const bool exclude = n_.flag("exclude_outside");
      double sum = 0;
      for (int i = -1; i <= 2; ++i)
        if (!exclude || (left + i >= 0 && left + i <= last)) sum += cubic_weight(part - i, a);
      for (int i = -1; i <= 2; ++i)
        if (!exclude || (left + i >= 0 && left + i <= last))
          add(left + i, cubic_weight(part - i, a) / (exclude ? sum : 1));
    }
    return t;
  }

  const NodeView& n_;
  uint32_t axis_;
  uint64_t in_, out_;
  std::string_view coordinates_;
};

// What both modes share: tables, and the walk over output rows (all axes but the last).
class Resize : public Kernel {
 public:
  explicit Resize(const NodeView& n) : Kernel("plain:resize " + std::string(n.s("mode"))), rank_(n.out().rank) {
    uint64_t step = 1;
    for (uint32_t i = rank_; i-- > 0; step *= n.in(0).dims[i]) {
      strides_[i] = step;
      dims_[i] = n.out().dims[i];
      if (i + 1 < rank_) rows_ *= dims_[i];
    }
    for (uint32_t i = 0; i < rank_; ++i) axes_.push_back(AxisMaker(n, i).make());
  }
  void run(const Run& r) const override {
    const uint64_t width = dims_[rank_ - 1];
    if (width == 0) return;
    r.team.split(rows_, std::max<uint64_t>(1, kGrain / width), [&](uint64_t begin, uint64_t end, unsigned part) {
      for (uint64_t i = begin; i < end; ++i) {
        const Taps* taps[RLX_MAX_RANK];
        uint64_t rest = i;
        for (uint32_t k = rank_ - 1; k-- > 0; rest /= dims_[k]) taps[k] = &axes_[k][rest % dims_[k]];
        row(r, i, taps, part);
      }
    });
  }

 protected:
  virtual void row(const Run& r, uint64_t index, const Taps* const* taps, unsigned part) const = 0;
  bool outside(const Taps* const* taps) const {
    return std::any_of(taps, taps + rank_ - 1, [](const Taps* t) { return t->outside; });
  }

  uint32_t rank_;
  uint64_t dims_[RLX_MAX_RANK] = {}, strides_[RLX_MAX_RANK] = {}, rows_ = 1;
  std::vector<AxisTaps> axes_;
};

class Nearest final : public Resize {
 public:
  explicit Nearest(const NodeView& n) : Resize(n), bytes_(sdk::dtype_size(n.out().dtype)) {
    const double value = n.f("extrapolation_value");
    sdk::convert(RLX_DTYPE_F64, &value, n.out().dtype, fill_, 1);
    identity_ = true;
    const AxisTaps& last = axes_[rank_ - 1];
    for (uint64_t i = 0; i < last.size(); ++i) identity_ = identity_ && last[i].at[0] == i && !last[i].outside;
  }

 private:
  void row(const Run& r, uint64_t index, const Taps* const* taps, unsigned) const override {
    uint64_t from = 0;
    for (uint32_t k = 0; k + 1 < rank_; ++k) from += taps[k]->at[0] * strides_[k];
    const AxisTaps& last = axes_[rank_ - 1];
    const std::byte* x = r.inputs[0] + from * bytes_;
    std::byte* y = r.outputs[0] + index * last.size() * bytes_;
    const bool all_outside = outside(taps);
    if (identity_ && !all_outside) {
      std::memcpy(y, x, last.size() * bytes_);
    } else if (bytes_ == 4 && !all_outside) {
      for (uint64_t i = 0; i < last.size(); ++i)
        std::memcpy(y + i * 4, last[i].outside ? fill_ : x + last[i].at[0] * 4, 4);
    } else {
      for (uint64_t i = 0; i < last.size(); ++i)
        std::memcpy(y + i * bytes_, all_outside || last[i].outside ? fill_ : x + last[i].at[0] * bytes_, bytes_);
    }
  }

  uint64_t bytes_;
  std::byte fill_[8] = {};
  bool identity_;
};

// T in memory, A between the axes: f32 for f32, f64 for everything else.
template <typename T>
class Interpolate final : public Resize {
 public:
  explicit Interpolate(const NodeView& n)
      : Resize(n), in_width_(n.in(0).dims[rank_ - 1]), fill_(sdk::cast_to<T>(n.f("extrapolation_value"))) {}
  uint64_t scratch_bytes(unsigned threads) const override { return threads * per_thread(); }

 private:
  using A = std::conditional_t<std::is_same_v<T, float>, float, double>;

  uint64_t per_thread() const { return (in_width_ * sizeof(A) + 63) / 64 * 64; }

  void row(const Run& r, uint64_t index, const Taps* const* taps, unsigned part) const override {
    const AxisTaps& last = axes_[rank_ - 1];
    T* y = r.out<T>() + index * last.size();
    if (outside(taps)) {
      std::fill(y, y + last.size(), fill_);
      return;
    }
    A* mixed = reinterpret_cast<A*>(r.scratch + part * per_thread());
    std::fill(mixed, mixed + in_width_, A{0});
    mix(r.in<T>(0), taps, 0, 1, mixed);
    for (uint64_t i = 0; i < last.size(); ++i) {
      const Taps& t = last[i];
      A sum = 0;
      for (uint32_t k = 0; k < t.count; ++k) sum += static_cast<A>(t.weight[k]) * mixed[t.at[k]];
      y[i] = t.outside ? fill_ : sdk::cast_to<T>(sum);
    }
  }

  // Adds every combination of taps of the outer axes.
  void mix(const T* x, const Taps* const* taps, uint32_t axis, double weight, A* mixed) const {
    if (weight == 0) return;
    if (axis + 1 == rank_) {
      for (uint64_t i = 0; i < in_width_; ++i) mixed[i] += static_cast<A>(weight) * static_cast<A>(x[i]);
      return;
    }
    const Taps& t = *taps[axis];
    for (uint32_t k = 0; k < t.count; ++k)
      mix(x + t.at[k] * strides_[axis], taps, axis + 1, weight * t.weight[k], mixed);
  }

  uint64_t in_width_;
  T fill_;
};

}  // namespace

Claim claim_resize(const NodeView& n, const CpuInfo&) {
  const rlx_tensor& x = n.in(0);
  if (x.rank == 0) return Claim::no("rank 0 not supported");
  if (n.s("mode") != "nearest" && !visit_number(x.dtype, [](auto) {})) return Claim::no(dtype_reason(x.dtype));
  return Claim::native();
}

std::unique_ptr<Kernel> make_resize(MakeContext& m) {
  if (m.node.s("mode") == "nearest") return std::make_unique<Nearest>(m.node);
  std::unique_ptr<Kernel> made;
  visit_number(m.node.in(0).dtype, [&](auto v) { made = std::make_unique<Interpolate<decltype(v)>>(m.node); });
  return made;
}

}  // namespace rlx::cpu::kernels
