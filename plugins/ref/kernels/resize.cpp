// resize with ONNX Resize-13 semantics. Resizing is separable: each axis has, for every output position, a few taps
// (input position, weight); the axes are applied one after the other.
#include "kernel.hpp"
#include "move.hpp"

#include <algorithm>
#include <cmath>

namespace rlx::ref::kernels {

namespace {

struct Tap {
  uint64_t position;
  double weight;
};

struct ResizeAxis {
  std::vector<std::vector<Tap>> taps;  // by output position
  std::vector<bool> outside;           // by output position: takes the extrapolation value
};

// Where output position i of an axis lies in the input.
double coordinate(const Call& call, std::string_view mode, size_t axis, uint64_t position) {
  const double i = static_cast<double>(position), scale = call.node.floats("scales")[axis];
  const double in = static_cast<double>(call.in(0).dim(axis)), out = static_cast<double>(call.out().dim(axis));
  if (mode == "half_pixel") return (i + 0.5) / scale - 0.5;
  if (mode == "half_pixel_symmetric") return in / 2 * (1 - out / (in * scale)) + (i + 0.5) / scale - 0.5;
  if (mode == "pytorch_half_pixel") return out > 1 ? (i + 0.5) / scale - 0.5 : 0;
  if (mode == "align_corners") return out > 1 ? i * (in - 1) / (out - 1) : 0;
  if (mode == "asymmetric") return i / scale;
  if (mode == "tf_crop_and_resize") {
    const std::span<const double> roi = call.node.floats("roi");
    const double start = roi[axis], end = roi[call.in(0).rank() + axis];
    return out > 1 ? start * (in - 1) + i * (end - start) * (in - 1) / (out - 1) : 0.5 * (start + end) * (in - 1);
  }
  call.bad_attribute("coordinate_mode", mode);
}

double nearest(const Call& call, double x) {
  const std::string_view mode = call.node.s("nearest_mode");
  if (mode == "round_prefer_floor") return std::ceil(x - 0.5);
  if (mode == "round_prefer_ceil") return std::floor(x + 0.5);
  if (mode == "floor") return std::floor(x);
  if (mode == "ceil") return std::ceil(x);
  call.bad_attribute("nearest_mode", mode);
}

// Keys' kernel at distance d.
double cubic_weight(double d, double a) {
  d = std::fabs(d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2) return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

std::vector<Tap> taps_at(const Call& call, std::string_view mode, double x, uint64_t size) {
  const double last = static_cast<double>(size) - 1;
  const auto tap = [&](double position, double weight) {
    return Tap{static_cast<uint64_t>(std::clamp(position, 0.0, last)), weight};
  };
  const double left = std::floor(x), part = x - left;
  if (mode == "nearest") return {tap(nearest(call, x), 1)};
  if (mode == "linear") return {tap(left, 1 - part), tap(left + 1, part)};
  if (mode != "cubic") call.bad_attribute("mode", mode);
  const double a = call.node.f("cubic_coeff_a");
  const bool exclude = call.node.flag("exclude_outside");
  std::vector<Tap> taps;
  double sum = 0;
  for (int i = -1; i <= 2; ++i) {
    const double weight = cubic_weight(part - i, a);
    if (exclude && (left + i < 0 || left + i > last)) continue;
    taps.push_back(tap(left + i, weight));
    sum += weight;
  }
  if (exclude)
    for (Tap& t : taps) t.weight /= sum;
  return taps;
}

ResizeAxis resize_axis(const Call& call, size_t axis) {
  const std::string_view mode = call.node.s("mode"), coordinates = call.node.s("coordinate_mode");
  const uint64_t in = call.in(0).dim(axis), out = call.out().dim(axis);
  const bool copies = in == out && call.node.floats("scales")[axis] == 1 && coordinates != "tf_crop_and_resize";
  ResizeAxis result;
  for (uint64_t i = 0; i < out; ++i) {
    const double x = copies ? static_cast<double>(i) : coordinate(call, coordinates, axis, i);
    result.taps.push_back(copies ? std::vector<Tap>{{i, 1}} : taps_at(call, mode, x, in));
    result.outside.push_back(coordinates == "tf_crop_and_resize" && (x < 0 || x > static_cast<double>(in) - 1));
  }
  return result;
}

std::vector<double> apply_axis(const std::vector<double>& x, const AxisSplit& split, const ResizeAxis& axis) {
  std::vector<double> y(split.outer * axis.taps.size() * split.inner);
  for (uint64_t o = 0; o < split.outer; ++o)
    for (size_t i = 0; i < axis.taps.size(); ++i)
      for (const Tap& tap : axis.taps[i])
        for (uint64_t n = 0; n < split.inner; ++n)
          y[(o * axis.taps.size() + i) * split.inner + n] += tap.weight * x[split.at(o, tap.position, n)];
  return y;
}

bool is_outside(const std::vector<ResizeAxis>& axes, const Index& index) {
  for (size_t i = 0; i < axes.size(); ++i)
    if (axes[i].outside[index[i]]) return true;
  return false;
}

// One tap per axis: elements move as they are, whatever their dtype.
void move_nearest(const Call& call, const std::vector<ResizeAxis>& axes) {
  const Strides strides = row_major(call.in(0).dims);
  const double extrapolation = call.node.f("extrapolation_value");
  std::vector<std::byte> fill(call.out().width());
  sdk::convert(RLX_DTYPE_F64, &extrapolation, call.out().dtype, fill.data(), 1);
  move_elements(
      call.in(0), call.out(),
      [&](const Index& index) {
        if (is_outside(axes, index)) return kFill;
        int64_t from = 0;
        for (size_t i = 0; i < axes.size(); ++i)
          from += static_cast<int64_t>(axes[i].taps[index[i]][0].position) * strides[i];
        return from;
      },
      fill.data());
}

}  // namespace

void resize(const Call& call) {
  const Tensor &x = call.in(0), &y = call.out();
  if (y.elements() == 0) return;
  std::vector<ResizeAxis> axes;
  for (size_t i = 0; i < x.rank(); ++i) axes.push_back(resize_axis(call, i));
  if (call.node.s("mode") == "nearest") return move_nearest(call, axes);

  Dims dims(x.dims.begin(), x.dims.end());
  std::vector<double> values = load<double>(x);
  for (size_t i = 0; i < axes.size(); ++i) {
    values = apply_axis(values, split_at(dims, i), axes[i]);
    dims[i] = y.dim(i);
  }
  size_t n = 0;
  for_each_index(y.dims, [&](const Index& index) {
    if (is_outside(axes, index)) values[n] = call.node.f("extrapolation_value");
    ++n;
  });
  store(y, values);
}

}  // namespace rlx::ref::kernels
