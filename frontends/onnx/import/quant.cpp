// Quantised ops, spelled out: integers are widened, the product is exact in i32 (or f32 for QLinear*, whose codes are
// small integers).

#include "context.hpp"

#include "spatial.hpp"

namespace rlx::onnx {
namespace {

// A scale or zero point of one element is a scalar, whatever rank the file gives it.
Result<ValueId> scale_of(NodeContext& c, size_t i) {
  if (c.shape(i).rank() > 0 && c.shape(i).elements() == 1) return c.reshape(c.in(i), {});
  return c.in(i);
}

Status quantize(NodeContext& c) {
  RLX_ASSIGN(ValueId scale, scale_of(c, 1));
  std::vector<ValueId> inputs{c.in(0), scale};
  DType to = DType::kU8;
  if (c.has(2)) {
    RLX_ASSIGN(ValueId zero, scale_of(c, 2));
    inputs.push_back(zero);
    to = c.dtype(2);
  } else if (c.def.attrs.has("output_dtype") && c.attr("output_dtype", 0) != 0) {
    const auto t = dtype_of(c.attr("output_dtype", 0));
    if (!t) return c.unsupported("output_dtype is not supported");
    to = *t;
  }
  if (c.attr("block_size", 0) != 0) return c.unsupported("block_size is not supported");
  const int64_t rank = static_cast<int64_t>(c.shape(0).rank());
  int64_t axis = c.attr("axis", 1);
  if (c.shape(1).elements() == 1 && (axis >= rank || axis < -rank)) axis = 0;
  return c.out(c.add("quantize", inputs, {{"axis", axis}, {"to", to}}));
}

Status dequantize(NodeContext& c) {
  RLX_ASSIGN(ValueId scale, scale_of(c, 1));
  std::vector<ValueId> inputs{c.in(0), scale};
  if (c.has(2)) {
    RLX_ASSIGN(ValueId zero, scale_of(c, 2));
    inputs.push_back(zero);
  }
  if (c.attr("block_size", 0) != 0) return c.unsupported("block_size is not supported");
  const int64_t rank = static_cast<int64_t>(c.shape(0).rank());
  int64_t axis = c.attr("axis", 1);
  if (c.shape(1).elements() == 1 && (axis >= rank || axis < -rank)) axis = 0;
  return c.out(c.add("dequantize", inputs, {{"axis", axis}}));
}

// The operand minus its zero point, as `to`. A 1-D zero point belongs to `axis`.
Result<ValueId> centred(NodeContext& c, size_t x, size_t zero, DType to, int64_t axis) {
  RLX_ASSIGN(ValueId value, c.cast(c.in(x), to));
  if (!c.has(zero)) return value;
  RLX_ASSIGN(ValueId z, c.cast(c.in(zero), to));
  const auto rank = static_cast<int64_t>(c.shape(x).rank());
  if (c.shape(zero).rank() == 1 && c.shape(zero)[0] > 1) {
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank)
      return c.fail(Code::kInvalidArgument, "a zero point of shape " + to_string(c.shape(zero)) +
                                                " does not fit an operand of shape " + to_string(c.shape(x)));
    std::vector<int64_t> dims(static_cast<size_t>(rank), 1);
    dims[static_cast<size_t>(axis)] = c.shape(zero)[0];
    RLX_ASSIGN(z, c.reshape(z, dims));
  } else if (c.shape(zero).rank() > 0) {
    RLX_ASSIGN(z, c.reshape(z, {}));
  }
  return c.binary("sub", value, z);
}

Status matmul_integer(NodeContext& c) {
  RLX_ASSIGN(ValueId a, centred(c, 0, 2, DType::kI32, -2));
  RLX_ASSIGN(ValueId b, centred(c, 1, 3, DType::kI32, -1));
  return c.out(c.add("matmul", {a, b}));
}

Status conv_integer(NodeContext& c) {
  // Codes are at most 9 bits wide after centring: f64 products and sums are exact.
  RLX_ASSIGN(ValueId x, centred(c, 0, 2, DType::kF64, 1));
  RLX_ASSIGN(ValueId w, centred(c, 1, 3, DType::kF64, 0));
  RLX_ASSIGN(Attrs attrs, conv_attrs(c));
  RLX_ASSIGN(ValueId y, c.add("conv", {x, w}, std::move(attrs)));
  return c.out(c.cast(y, DType::kI32));
}

// round(acc * (sx * sw / sy)) + zy, saturated.
Result<ValueId> requantise(NodeContext& c, ValueId acc, size_t sx, size_t sw, size_t sy, size_t zy, int64_t axis) {
  RLX_ASSIGN(ValueId x, c.cast(acc, DType::kF32));
  RLX_ASSIGN(ValueId scale, c.binary("mul", c.in(sx), c.in(sw)));
  if (c.g.shape(scale).rank() == 1 && c.g.shape(scale)[0] > 1) {
    if (axis < 0 || axis >= static_cast<int64_t>(c.g.shape(acc).rank()))
      return c.fail(Code::kInvalidArgument, "a scale of shape " + to_string(c.g.shape(scale)) +
                                                " does not fit a result of shape " + to_string(c.g.shape(acc)));
    std::vector<int64_t> dims(c.g.shape(acc).rank(), 1);
    dims[static_cast<size_t>(axis)] = c.g.shape(scale)[0];
    RLX_ASSIGN(scale, c.reshape(scale, dims));
  }
  RLX_ASSIGN(x, c.binary("mul", x, scale));
  RLX_ASSIGN(ValueId out_scale, scale_of(c, sy));
  RLX_ASSIGN(ValueId out_zero, scale_of(c, zy));
  return c.add("quantize", {x, out_scale, out_zero}, {{"axis", int64_t{0}}, {"to", c.dtype(zy)}});
}

Status qlinear_matmul(NodeContext& c) {
  RLX_ASSIGN(ValueId a, centred(c, 0, 2, DType::kI32, -2));
  RLX_ASSIGN(ValueId b, centred(c, 3, 5, DType::kI32, -1));
  RLX_ASSIGN(ValueId y, c.add("matmul", {a, b}));
  return c.out(requantise(c, y, 1, 4, 6, 7, static_cast<int64_t>(c.g.shape(y).rank()) - 1));
}

Status qlinear_conv(NodeContext& c) {
  RLX_ASSIGN(ValueId x, centred(c, 0, 2, DType::kF64, 1));
  RLX_ASSIGN(ValueId w, centred(c, 3, 5, DType::kF64, 0));
  std::vector<ValueId> inputs{x, w};
  if (c.has(8)) {
    RLX_ASSIGN(ValueId bias, c.cast(c.in(8), DType::kF64));
    inputs.push_back(bias);
  }
  RLX_ASSIGN(Attrs attrs, conv_attrs(c, 3));
  RLX_ASSIGN(ValueId y, c.add("conv", inputs, std::move(attrs)));
  return c.out(requantise(c, y, 1, 4, 6, 7, 1));
}

Status dynamic_quantize(NodeContext& c) {
  // scale = (max(x, 0) - min(x, 0)) / 255, zero point = saturate(round(-min / scale)).
  std::vector<int64_t> axes;
  for (size_t i = 0; i < c.shape(0).rank(); ++i) axes.push_back(static_cast<int64_t>(i));
  auto extreme = [&](const char* kind) {
    return c.add("reduce", {c.in(0)}, {{"kind", std::string(kind)}, {"axes", axes}, {"keep_dims", int64_t{0}}});
  };
  RLX_ASSIGN(ValueId zero, c.scalar(DType::kF32, 0));
  RLX_ASSIGN(ValueId high, extreme("max"));
  RLX_ASSIGN(high, c.binary("max", high, zero));
  RLX_ASSIGN(ValueId low, extreme("min"));
  RLX_ASSIGN(low, c.binary("min", low, zero));
  RLX_ASSIGN(ValueId width, c.binary("sub", high, low));
  RLX_ASSIGN(ValueId levels, c.scalar(DType::kF32, 255));
  RLX_ASSIGN(ValueId scale, c.binary("div", width, levels));
  RLX_ASSIGN(ValueId negative, c.unary("neg", low));
  RLX_ASSIGN(ValueId point, c.binary("div", negative, scale));
  RLX_ASSIGN(point, c.unary("round", point));
  RLX_ASSIGN(point, c.cast(point, DType::kU8));
  RLX_TRY(c.out(0, c.add("quantize", {c.in(0), scale, point}, {{"axis", int64_t{0}}, {"to", DType::kU8}})));
  RLX_TRY(c.out(1, scale));
  return c.out(2, point);
}

constexpr OpEntry kOps[] = {
    {"ConvInteger", conv_integer, 2},
    {"DequantizeLinear", dequantize, 2},
    {"DynamicQuantizeLinear", dynamic_quantize, 1},
    {"MatMulInteger", matmul_integer, 2},
    {"QLinearConv", qlinear_conv, 8},
    {"QLinearMatMul", qlinear_matmul, 8},
    {"QuantizeLinear", quantize, 2},
};

}  // namespace

std::span<const OpEntry> quant_ops() {
  return kOps;
}

}  // namespace rlx::onnx
