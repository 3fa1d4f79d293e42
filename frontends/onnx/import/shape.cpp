// Ops that move or rename elements: Reshape, Transpose, Slice, Concat, Pad, ...

#include "context.hpp"

#include <algorithm>
#include <limits>

namespace rlx::onnx {
namespace {

Status reshape(NodeContext& c) {
  RLX_ASSIGN(std::vector<int64_t> shape, c.ints_input_or_attr(1, "shape"));
  const bool allow_zero = c.attr("allowzero", 0) != 0;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 0 || allow_zero) continue;
    if (i >= c.shape(0).rank())
      return c.fail(Code::kInvalidArgument, "shape entry " + std::to_string(i) + " is 0 but the input has rank " +
                                                std::to_string(c.shape(0).rank()));
    shape[i] = c.shape(0)[i];
  }
  return c.out(c.reshape(c.in(0), shape));
}

Status transpose(NodeContext& c) {
  std::vector<int64_t> perm = c.attr_ints("perm");
  if (perm.empty())
    for (size_t i = c.shape(0).rank(); i-- > 0;) perm.push_back(static_cast<int64_t>(i));
  return c.out(c.add("transpose", {c.in(0)}, {{"perm", perm}}));
}

Status flatten(NodeContext& c) {
  const Shape& s = c.shape(0);
  int64_t axis = c.attr("axis", 1);
  if (axis < 0) axis += static_cast<int64_t>(s.rank());
  if (axis < 0 || axis > static_cast<int64_t>(s.rank()))
    return c.fail(Code::kOutOfRange,
                  "axis " + std::to_string(c.attr("axis", 1)) + " out of range for shape " + to_string(s));
  int64_t rows = 1, columns = 1;
  for (size_t i = 0; i < s.rank(); ++i) (static_cast<int64_t>(i) < axis ? rows : columns) *= s[i];
  const int64_t dims[] = {rows, columns};
  return c.out(c.reshape(c.in(0), dims));
}

Result<std::vector<bool>> axis_set(NodeContext& c, const std::vector<int64_t>& axes, size_t rank) {
  std::vector<bool> set(rank, false);
  for (int64_t a : axes) {
    RLX_ASSIGN(int64_t axis, axis_of(c, a, rank));
    if (static_cast<size_t>(axis) < rank) set[static_cast<size_t>(axis)] = true;
  }
  return set;
}

Status squeeze(NodeContext& c) {
  RLX_ASSIGN(std::vector<int64_t> axes, c.ints_input_or_attr(1, "axes"));
  const Shape& s = c.shape(0);
  RLX_ASSIGN(std::vector<bool> drop, axis_set(c, axes, s.rank()));
  std::vector<int64_t> dims;
  for (size_t i = 0; i < s.rank(); ++i) {
    if (drop[i] && s[i] != 1)
      return c.fail(Code::kInvalidArgument, "axis " + std::to_string(i) + " of shape " + to_string(s) + " is not 1");
    if (drop[i] || (axes.empty() && s[i] == 1)) continue;
    dims.push_back(s[i]);
  }
  return c.out(c.reshape(c.in(0), dims));
}

Status unsqueeze(NodeContext& c) {
  RLX_ASSIGN(std::vector<int64_t> axes, c.ints_input_or_attr(1, "axes"));
  const Shape& s = c.shape(0);
  const size_t rank = s.rank() + axes.size();
  RLX_ASSIGN(std::vector<bool> added, axis_set(c, axes, rank));
  std::vector<int64_t> dims;
  size_t from = 0;
  for (size_t i = 0; i < rank; ++i) dims.push_back(added[i] || from >= s.rank() ? 1 : s[from++]);
  return c.out(c.reshape(c.in(0), dims));
}

Status concat(NodeContext& c) {
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < c.input_count(); ++i) inputs.push_back(c.in(i));
  return c.out(c.add("concat", inputs, {{"axis", c.attr("axis", 1)}}));
}

Status split(NodeContext& c) {
  const Shape& s = c.shape(0);
  RLX_ASSIGN(int64_t axis, axis_of(c, c.attr("axis", 0), s.rank()));
  RLX_ASSIGN(std::vector<int64_t> sizes, c.ints_input_or_attr(1, "split"));
  const int64_t dim = s.rank() ? s[static_cast<size_t>(axis)] : 0;
  if (sizes.empty()) {
    const int64_t parts = c.attr("num_outputs", static_cast<int64_t>(c.output_count()));
    if (parts <= 0 || parts != static_cast<int64_t>(c.output_count()))
      return c.fail(Code::kInvalidArgument, "num_outputs is " + std::to_string(parts) + ", the node has " +
                                                std::to_string(c.output_count()) + " outputs");
    const int64_t chunk = (dim + parts - 1) / parts;
    for (int64_t left = dim; sizes.size() < static_cast<size_t>(parts); left -= sizes.back())
      sizes.push_back(std::min(chunk, left));
  }
  if (sizes.size() != c.output_count())
    return c.fail(Code::kInvalidArgument,
                  std::to_string(sizes.size()) + " sizes for " + std::to_string(c.output_count()) + " outputs");
  int64_t start = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    RLX_TRY(c.out(i, c.add("narrow", {c.in(0)}, {{"axis", axis}, {"start", start}, {"len", sizes[i]}})));
    start += sizes[i];
  }
  if (start != dim)
    return c.fail(Code::kInvalidArgument,
                  "the sizes add up to " + std::to_string(start) + ", the axis has " + std::to_string(dim));
  return {};
}

Status slice(NodeContext& c) {
  const Shape& s = c.shape(0);
  RLX_ASSIGN(std::vector<int64_t> starts, c.ints_input_or_attr(1, "starts"));
  RLX_ASSIGN(std::vector<int64_t> ends, c.ints_input_or_attr(2, "ends"));
  RLX_ASSIGN(std::vector<int64_t> axes, c.ints_input_or_attr(3, "axes"));
  std::vector<int64_t> steps;
  if (c.has(4)) {
    RLX_ASSIGN(steps, c.ints(4));
  }
  if (axes.empty())
    for (size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<int64_t>(i));
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
    return c.fail(Code::kInvalidArgument, "starts, ends, axes and steps differ in length: " +
                                              std::to_string(starts.size()) + ", " + std::to_string(ends.size()) +
                                              ", " + std::to_string(axes.size()) + ", " + std::to_string(steps.size()));
  std::vector<int64_t> from(s.rank(), 0), to(s.begin(), s.end()), by(s.rank(), 1);
  for (size_t k = 0; k < starts.size(); ++k) {
    RLX_ASSIGN(int64_t axis, axis_of(c, axes[k], s.rank()));
    if (s.rank() == 0) return c.fail(Code::kOutOfRange, "a scalar has no axis to slice");
    const auto a = static_cast<size_t>(axis);
    const int64_t n = s[a], step = steps[k];
    if (step == 0) return c.fail(Code::kInvalidArgument, "step 0 along axis " + std::to_string(axis));
    // numpy's rule: negative positions count from the end, then everything is clamped into the range that the step can
    // reach.
    const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
    auto place = [&](int64_t p) { return std::clamp(p < 0 && p >= -n ? p + n : p < 0 ? low : p, low, high); };
    from[a] = std::max<int64_t>(place(starts[k]), 0);
    to[a] = place(ends[k]);
    by[a] = step;
    if (n == 0) from[a] = to[a] = 0;
    if (step < 0 && place(starts[k]) < 0) to[a] = from[a];
  }
  return c.out(c.add("slice", {c.in(0)}, {{"starts", from}, {"ends", to}, {"steps", by}}));
}

Status expand(NodeContext& c) {
  RLX_ASSIGN(std::vector<int64_t> target, c.ints(1));
  RLX_ASSIGN(Shape shape, Shape::make(target));
  auto common = broadcast(c.shape(0), shape);
  if (!common) return c.fail(Code::kInvalidArgument, common.error().message);
  return c.out(c.add("expand", {c.in(0)}, {{"shape", std::vector<int64_t>(common->begin(), common->end())}}));
}

Status tile(NodeContext& c) {
  RLX_ASSIGN(std::vector<int64_t> repeats, c.ints(1));
  return c.out(c.add("tile", {c.in(0)}, {{"repeats", repeats}}));
}

Status pad(NodeContext& c) {
  const size_t rank = c.shape(0).rank();
  std::vector<int64_t> pads;
  if (c.has(1)) {
    RLX_ASSIGN(pads, c.ints(1));
  } else {
    pads = c.attr_ints(c.opset() < 2 ? "paddings" : "pads");
  }
  std::vector<int64_t> axes;
  if (c.has(3)) {
    RLX_ASSIGN(axes, c.ints(3));
  } else {
    for (size_t i = 0; i < rank; ++i) axes.push_back(static_cast<int64_t>(i));
  }
  if (pads.size() != 2 * axes.size())
    return c.fail(Code::kInvalidArgument,
                  std::to_string(pads.size()) + " pads for " + std::to_string(axes.size()) + " axes");
  RLX_TRY(check_window(c, "pad", pads, -kMaxWindow));
  std::vector<int64_t> begins(rank, 0), ends(rank, 0), from(rank, 0), to(c.shape(0).begin(), c.shape(0).end());
  bool crops = false;
  for (size_t i = 0; i < axes.size(); ++i) {
    RLX_ASSIGN(int64_t axis, axis_of(c, axes[i], rank));
    if (rank == 0) return c.fail(Code::kOutOfRange, "a scalar has no axis to pad");
    const auto a = static_cast<size_t>(axis);
    begins[a] = std::max<int64_t>(pads[i], 0);
    ends[a] = std::max<int64_t>(pads[i + axes.size()], 0);
    from[a] = std::max<int64_t>(-pads[i], 0);
    to[a] -= std::max<int64_t>(-pads[i + axes.size()], 0);
    crops |= pads[i] < 0 || pads[i + axes.size()] < 0;
  }
  ValueId x = c.in(0);
  if (crops) {
    RLX_ASSIGN(x, c.add("slice", {x}, {{"starts", from}, {"ends", to}, {"steps", std::vector<int64_t>(rank, 1)}}));
  }
  Attrs attrs{
      {"mode", c.attr_s("mode", "constant")}, {"begins", begins}, {"ends", ends}, {"value", c.attr_f("value", 0)}};
  if (!c.has(2)) return c.out(c.add("pad", {x}, std::move(attrs)));
  ValueId value = c.in(2);
  if (c.shape(2).rank() > 0) {
    RLX_ASSIGN(value, c.reshape(value, {}));
  }
  return c.out(c.add("pad", {x, value}, std::move(attrs)));
}

Status depth_to_space(NodeContext& c) {
  std::string mode = c.attr_s("mode", "DCR");
  std::transform(mode.begin(), mode.end(), mode.begin(), [](unsigned char ch) { return static_cast<char>(ch | 0x20); });
  return c.out(c.add("depth_to_space", {c.in(0)}, {{"block", c.attr("blocksize", 0)}, {"mode", mode}}));
}

Status space_to_depth(NodeContext& c) {
  return c.out(c.add("space_to_depth", {c.in(0)}, {{"block", c.attr("blocksize", 0)}}));
}

Status trilu(NodeContext& c) {
  int64_t k = 0;
  if (c.has(1)) {
    RLX_ASSIGN(std::vector<int64_t> v, c.ints(1));
    k = v.empty() ? 0 : v[0];
  }
  return c.out(c.add("trilu", {c.in(0)}, {{"upper", c.attr("upper", 1)}, {"k", k}}));
}

constexpr OpEntry kOps[] = {
    {"Concat", concat, kAllInputs},
    {"DepthToSpace", depth_to_space, 1},
    {"Expand", expand, 2},
    {"Flatten", flatten, 1},
    {"Pad", pad, 1},
    {"Reshape", reshape, 1},
    {"Slice", slice, 1},
    {"SpaceToDepth", space_to_depth, 1},
    {"Split", split, 1},
    {"Squeeze", squeeze, 1},
    {"Tile", tile, 2},
    {"Transpose", transpose, 1},
    {"Trilu", trilu, 1},
    {"Unsqueeze", unsqueeze, 1},
};

}  // namespace

std::span<const OpEntry> shape_ops() {
  return kOps;
}

}  // namespace rlx::onnx
