// resize one axis at a time: a gather for nearest, else a product with the axis's matrix of weights. Block
// rearrangements out of reshape, transpose and expand.
#include "ops/decompose.hpp"
#include "ops/emit.hpp"

#include <algorithm>
#include <cmath>

namespace rlx::ops {
namespace {

struct Axis {
  int64_t in, out;
  double scale, begin, end;  // begin and end of the region of interest
};

// Where output position i lies in the input.
double coordinate(const Attrs& attrs, const Axis& axis, int64_t position) {
  const std::string& mode = attrs.str("coordinate_mode");
  const auto i = static_cast<double>(position), last = static_cast<double>(axis.in - 1);
  const double steps = static_cast<double>(axis.out - 1);
  if (mode == "asymmetric") return i / axis.scale;
  if (mode == "align_corners") return axis.out > 1 ? i * last / steps : 0;
  if (mode == "tf_crop_and_resize") {
    if (axis.out == 1) return 0.5 * (axis.begin + axis.end) * last;
    return axis.begin * last + i * (axis.end - axis.begin) * last / steps;
  }
  if (mode == "pytorch_half_pixel" && axis.out == 1) return 0;
  double begin = 0;
  if (mode == "half_pixel_symmetric") {
    const auto in = static_cast<double>(axis.in), out = static_cast<double>(axis.out);
    begin = in / 2 * (1 - out / (in * axis.scale));
  }
  return begin + (i + 0.5) / axis.scale - 0.5;
}

int64_t nearest(const Attrs& attrs, double x, int64_t size) {
  const std::string& mode = attrs.str("nearest_mode");
  const double at = mode == "floor"               ? std::floor(x)
                    : mode == "ceil"              ? std::ceil(x)
                    : mode == "round_prefer_ceil" ? std::floor(x + 0.5)
                                                  : std::ceil(x - 0.5);
  return static_cast<int64_t>(std::clamp(at, 0.0, static_cast<double>(size - 1)));
}

// Keys' kernel at distance d.
double cubic_weight(double d, double a) {
  d = std::fabs(d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

// Adds the weights of one output position to its row; positions outside count at the border.
void add_weights(const Attrs& attrs, double x, std::span<double> row) {
  const double left = std::floor(x), part = x - left, last = static_cast<double>(row.size() - 1);
  const bool cubic = attrs.str("mode") == "cubic";
  const bool exclude = cubic && attrs.flag("exclude_outside");
  double sum = 0;
  for (int i = cubic ? -1 : 0; i <= (cubic ? 2 : 1); ++i) {
    if (exclude && (left + i < 0 || left + i > last)) continue;
    const double weight = cubic ? cubic_weight(part - i, attrs.f("cubic_coeff_a")) : (i == 0 ? 1 - part : part);
    row[static_cast<size_t>(std::clamp(left + i, 0.0, last))] += weight;
    sum += weight;
  }
  if (exclude)
    for (double& weight : row) weight /= sum;
}

ValueId gather_axis(Emit& e, ValueId x, size_t i, const Axis& axis) {
  std::vector<int64_t> positions;
  for (int64_t p = 0; p < axis.out; ++p)
    positions.push_back(nearest(e.attrs(), coordinate(e.attrs(), axis, p), axis.in));
  return e.op("gather", {x, e.constant({axis.out}, positions)}, {{"axis", static_cast<int64_t>(i)}});
}

ValueId weigh_axis(Emit& e, ValueId x, size_t i, const Axis& axis) {
  std::vector<double> weights(static_cast<size_t>(axis.in * axis.out));
  for (int64_t p = 0; p < axis.out; ++p)
    add_weights(e.attrs(), coordinate(e.attrs(), axis, p),
                std::span(weights).subspan(static_cast<size_t>(p * axis.in), static_cast<size_t>(axis.in)));
  Shape shape = e.shape(x);
  const int64_t before = product(shape, 0, i), after = product(shape, i + 1, shape.rank());
  const ValueId matrix = e.constant(e.dtype(x), {axis.out, axis.in}, weights);
  shape[i] = axis.out;
  return e.reshape(e.matmul(matrix, e.reshape(x, {before, axis.in, after})), shape.dims());
}

// Which positions of an axis lie inside the input, as a bool that broadcasts.
ValueId inside_axis(Emit& e, size_t i, const Axis& axis, size_t rank) {
  std::vector<double> inside;
  for (int64_t p = 0; p < axis.out; ++p) {
    const double x = coordinate(e.attrs(), axis, p);
    inside.push_back(x >= 0 && x <= static_cast<double>(axis.in - 1));
  }
  return e.along(e.constant(DType::kBool, {axis.out}, inside), i, rank);
}

}  // namespace

Result<Values> decompose_resize(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Attrs& attrs = e.attrs();
  const Shape from = e.shape(e.in(0)), to = e.result_types()[0].shape;
  const DType dtype = e.dtype(e.in(0));
  const bool crops = attrs.str("coordinate_mode") == "tf_crop_and_resize", moves = attrs.str("mode") == "nearest";
  if (to.elements() == 0) return e.done({e.expand(e.scalar(dtype, 0), to.dims())});
  // Integers are weighed in f32, as wide as the reference's result needs before it is rounded back.
  ValueId x = moves ? e.in(0) : is_int(dtype) ? e.cast(e.in(0), DType::kF32) : e.widen(e.in(0));
  ValueId inside = kNoValue;
  for (size_t i = 0; i < from.rank(); ++i) {
    const double scale = attrs.floats("scales")[i];
    Axis axis{from[i], to[i], scale, 0, 1};
    if (crops) {
      axis.begin = attrs.floats("roi")[i];
      axis.end = attrs.floats("roi")[from.rank() + i];
      const ValueId here = inside_axis(e, i, axis, from.rank());
      inside = inside == kNoValue ? here : e.binary("and", inside, here);
    } else if (axis.in == axis.out && scale == 1) {
      continue;
    }
    x = moves ? gather_axis(e, x, i, axis) : weigh_axis(e, x, i, axis);
  }
  x = e.cast(x, dtype);
  if (inside != kNoValue) x = e.where(inside, x, e.like(x, attrs.f("extrapolation_value")));
  return e.done({x});
}

Result<Values> decompose_resize_nearest_2x(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape s = e.shape(e.in(0));
  const ValueId spread = e.expand(e.reshape(e.in(0), {s[0], s[1], s[2], 1, s[3], 1}), {s[0], s[1], s[2], 2, s[3], 2});
  return e.done({e.reshape(spread, e.result_types()[0].shape.dims())});
}

Result<Values> decompose_space_to_depth(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape s = e.shape(e.in(0));
  const int64_t b = e.attrs().i("block");
  const ValueId blocks = e.reshape(e.in(0), {s[0], s[1], s[2] / b, b, s[3] / b, b});
  return e.done({e.reshape(e.transpose(blocks, {0, 3, 5, 1, 2, 4}), e.result_types()[0].shape.dims())});
}

Result<Values> decompose_depth_to_space(Graph& graph, const Node& node) {
  Emit e(graph, node);
  const Shape s = e.shape(e.in(0));
  const int64_t b = e.attrs().i("block"), depth = s[1] / (b * b);
  const bool dcr = e.attrs().str("mode") == "dcr";
  const ValueId blocks = dcr ? e.transpose(e.reshape(e.in(0), {s[0], b, b, depth, s[2], s[3]}), {0, 3, 4, 1, 5, 2})
                             : e.transpose(e.reshape(e.in(0), {s[0], depth, b, b, s[2], s[3]}), {0, 1, 4, 2, 5, 3});
  return e.done({e.reshape(blocks, e.result_types()[0].shape.dims())});
}

}  // namespace rlx::ops
