// Ops whose result is known when the model is compiled: constants, shapes, ranges, windows; and If with a known
// condition.

#include "context.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rlx::onnx {
namespace {

Status constant(NodeContext& c) {
  const Attrs& a = c.def.attrs;
  if (const Literal* value = a.literal("value")) return c.out(c.constant(*value));
  if (a.has("value_float")) {
    const auto v = static_cast<float>(a.f("value_float"));
    return c.out(c.constant(Literal::scalar_f32(v)));
  }
  if (a.has("value_int")) {
    const int64_t v = a.i("value_int");
    return c.out(c.constant(Literal::of<int64_t>(DType::kI64, {}, std::span<const int64_t>(&v, 1))));
  }
  if (a.has("value_ints")) return c.out(c.constant(Literal::i64s(a.ints("value_ints"))));
  if (a.has("value_floats")) {
    std::vector<float> v(a.floats("value_floats").begin(), a.floats("value_floats").end());
    return c.out(c.constant(Literal::of<float>(DType::kF32, {static_cast<int64_t>(v.size())}, v)));
  }
  return c.unsupported("a constant that is no dense number tensor is not supported");
}

Status constant_of_shape(NodeContext& c) {
  RLX_ASSIGN(std::vector<int64_t> dims, c.ints(0));
  RLX_ASSIGN(Shape shape, Shape::make(dims));
  if (!shape.is_static()) return c.fail(Code::kInvalidArgument, "negative dim in shape " + to_string(shape));
  ValueId value = kNoValue;
  if (const Literal* literal = c.def.attrs.literal("value")) {
    if (literal->type.shape.elements() != 1)
      return c.fail(Code::kInvalidArgument, "value must hold one element, got " + to_string(literal->type));
    RLX_ASSIGN(value, c.constant({{literal->type.dtype, {}}, literal->bytes}));
  } else {
    RLX_ASSIGN(value, c.scalar(DType::kF32, 0));
  }
  return c.out(c.add("expand", {value}, {{"shape", dims}}));
}

Status shape(NodeContext& c) {
  const Shape& s = c.shape(0);
  const auto rank = static_cast<int64_t>(s.rank());
  auto place = [&](int64_t p) { return std::clamp<int64_t>(p < 0 ? p + rank : p, 0, rank); };
  const int64_t start = place(c.attr("start", 0)), end = place(c.attr("end", rank));
  std::vector<int64_t> dims;
  for (int64_t i = start; i < end; ++i) dims.push_back(s[static_cast<size_t>(i)]);
  return c.out(c.constant(Literal::i64s(dims)));
}

Status size(NodeContext& c) {
  const int64_t n = c.shape(0).elements();
  return c.out(c.constant(Literal::of<int64_t>(DType::kI64, {}, std::span<const int64_t>(&n, 1))));
}

Status range(NodeContext& c) {
  RLX_ASSIGN(std::vector<double> start, c.floats(0));
  RLX_ASSIGN(std::vector<double> limit, c.floats(1));
  RLX_ASSIGN(std::vector<double> delta, c.floats(2));
  if (start.size() != 1 || limit.size() != 1 || delta.size() != 1)
    return c.fail(Code::kInvalidArgument, "start, limit and delta must be single numbers, got " +
                                              std::to_string(start.size()) + ", " + std::to_string(limit.size()) +
                                              " and " + std::to_string(delta.size()));
  if (delta[0] == 0) return c.fail(Code::kInvalidArgument, "delta must not be 0");
  const double n = std::ceil((limit[0] - start[0]) / delta[0]);
  RLX_ASSIGN(const int64_t count, to_dim(c, n < 0 ? 0 : n));
  return c.out(
      c.add("iota", std::vector<ValueId>{},
            {{"shape", std::vector<int64_t>{count}}, {"start", start[0]}, {"step", delta[0]}, {"to", c.dtype(0)}}));
}

Status eye_like(NodeContext& c) {
  const Shape s = c.shape(0);
  if (s.rank() != 2) return c.fail(Code::kInvalidArgument, "expected rank 2, got shape " + to_string(s));
  DType to = c.dtype(0);
  if (c.def.attrs.has("dtype")) {
    const auto t = dtype_of(c.attr("dtype", 0));
    if (!t) return c.unsupported("dtype " + std::to_string(c.attr("dtype", 0)) + " is not supported");
    to = *t;
  }
  const std::vector<int64_t> dims(s.begin(), s.end());
  RLX_ASSIGN(ValueId row, c.add("iota", std::vector<ValueId>{},
                                {{"shape", dims},
                                 {"axis", int64_t{0}},
                                 {"start", static_cast<double>(c.attr("k", 0))},
                                 {"to", DType::kI64}}));
  RLX_ASSIGN(ValueId column,
             c.add("iota", std::vector<ValueId>{}, {{"shape", dims}, {"axis", int64_t{1}}, {"to", DType::kI64}}));
  RLX_ASSIGN(ValueId equal, c.compare("eq", row, column));
  return c.out(c.cast(equal, to));
}

Status non_zero(NodeContext& c) {
  RLX_ASSIGN(Literal x, c.literal(0));
  const Shape& s = x.type.shape;
  const auto n = static_cast<size_t>(s.elements());
  std::vector<double> values(n);
  convert(x.type.dtype, x.bytes.data(), DType::kF64, values.data(), n);
  const auto strides = s.strides();
  std::vector<int64_t> flat;
  for (size_t i = 0; i < n; ++i)
    if (values[i] != 0) flat.push_back(static_cast<int64_t>(i));
  std::vector<int64_t> indices;
  for (size_t axis = 0; axis < s.rank(); ++axis)
    for (int64_t f : flat) indices.push_back(f / strides[axis] % s[axis]);
  return c.out(c.constant(
      Literal::of<int64_t>(DType::kI64, {static_cast<int64_t>(s.rank()), static_cast<int64_t>(flat.size())}, indices)));
}

// Window functions: sum of cosines a0 - a1 cos(2 pi n / N) + a2 cos(4 pi n / N).
Status window(NodeContext& c, double a0, double a1, double a2) {
  RLX_ASSIGN(std::vector<int64_t> length, c.ints(0));
  const int64_t limit = c.im.options->fold_limit_bytes / static_cast<int64_t>(sizeof(double));
  if (length.size() != 1 || length[0] < 0 || length[0] > limit)
    return c.fail(Code::kOutOfRange, "the size must be one number between 0 and " + std::to_string(limit));
  const auto to = dtype_of(c.attr("output_datatype", 1));
  if (!to) return c.unsupported("output_datatype is not supported");
  const double period = static_cast<double>(c.attr("periodic", 1) ? length[0] : length[0] - 1);
  std::vector<double> w(static_cast<size_t>(length[0]));
  for (size_t i = 0; i < w.size(); ++i) {
    const double t = 2 * std::numbers::pi * static_cast<double>(i) / period;
    w[i] = a0 - a1 * std::cos(t) + a2 * std::cos(2 * t);
  }
  RLX_ASSIGN(ValueId x, c.constant(Literal::of<double>(DType::kF64, {length[0]}, w)));
  return c.out(c.cast(x, *to));
}
Status hann(NodeContext& c) {
  return window(c, 0.5, 0.5, 0);
}
Status hamming(NodeContext& c) {
  return window(c, 25.0 / 46, 21.0 / 46, 0);
}
Status blackman(NodeContext& c) {
  return window(c, 0.42, 0.5, 0.08);
}

Status if_known(NodeContext& c) {
  auto condition = c.floats(0);
  if (!condition)
    return c.unsupported("not yet supported with a condition that is computed at run time (" +
                         condition.error().message + ")");
  const std::string taken = !condition->empty() && (*condition)[0] != 0 ? "then_branch" : "else_branch";
  const auto branch = c.def.graphs.find(taken);
  if (branch == c.def.graphs.end()) return c.fail(Code::kInvalidArgument, "attribute " + taken + " is missing");
  const GraphDef& body = *branch->second;
  if (body.outputs.size() != c.output_count())
    return c.fail(Code::kInvalidArgument, "the branch has " + std::to_string(body.outputs.size()) +
                                              " outputs, the node " + std::to_string(c.output_count()));
  RLX_TRY(c.im.nodes(body));
  for (size_t i = 0; i < body.outputs.size(); ++i) {
    const auto value = c.im.values.find(body.outputs[i]);
    if (value == c.im.values.end())
      return c.fail(Code::kInvalidArgument, "the branch does not make '" + body.outputs[i] + "'");
    if (c.wants(i)) c.im.values[c.def.outputs[i]] = value->second;
  }
  return {};
}

Status control_flow(NodeContext& c) {
  return c.unsupported("not yet supported");
}

constexpr OpEntry kOps[] = {
    {"BlackmanWindow", blackman, 1},
    {"Constant", constant, 0},
    {"ConstantOfShape", constant_of_shape, 1},
    {"EyeLike", eye_like, 1},
    {"HammingWindow", hamming, 1},
    {"HannWindow", hann, 1},
    {"If", if_known, 1},
    {"Loop", control_flow, 0},
    {"NonZero", non_zero, 1},
    {"Range", range, 3},
    {"Scan", control_flow, 0},
    {"Shape", shape, 1},
    {"Size", size, 1},
};

}  // namespace

std::span<const OpEntry> constant_ops() {
  return kOps;
}

}  // namespace rlx::onnx
