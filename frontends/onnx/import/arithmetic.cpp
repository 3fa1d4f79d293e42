// Ops of two and more operands: arithmetic, logic, comparisons, the variadic Sum / Mean / Max / Min.

#include "context.hpp"

namespace rlx::onnx {
namespace {

// Before opset 7 broadcasting was an attribute: the second operand's dims stand at `axis` of the first.
Result<ValueId> second_operand(NodeContext& c) {
  const ValueId b = c.in(1);
  if (c.opset() >= 7 || c.attr("broadcast", 0) == 0) return b;
  const Shape& a = c.shape(0);
  const Shape& s = c.shape(1);
  if (s.rank() == 0 || s.rank() >= a.rank()) return b;
  const int64_t axis = c.attr("axis", static_cast<int64_t>(a.rank() - s.rank()));
  RLX_ASSIGN(int64_t at, axis_of(c, axis, a.rank()));
  if (static_cast<size_t>(at) + s.rank() > a.rank())
    return c.fail(Code::kInvalidArgument,
                  "axis " + std::to_string(axis) + " leaves no room for shape " + to_string(s) + " in " + to_string(a));
  std::vector<int64_t> dims(s.begin(), s.end());
  dims.resize(a.rank() - static_cast<size_t>(at), 1);
  return c.reshape(b, dims);
}

template <const char* Kind>
Status binary(NodeContext& c) {
  RLX_ASSIGN(ValueId b, second_operand(c));
  return c.out(c.binary(Kind, c.in(0), b));
}

template <const char* Kind>
Status comparison(NodeContext& c) {
  RLX_ASSIGN(ValueId b, second_operand(c));
  return c.out(c.compare(Kind, c.in(0), b));
}

template <const char* Kind>
Status fold_left(NodeContext& c) {
  ValueId y = c.in(0);
  for (size_t i = 1; i < c.input_count(); ++i) {
    RLX_ASSIGN(y, c.binary(Kind, y, c.in(i)));
  }
  return c.out(y);
}

constexpr char kAdd[] = "add", kSub[] = "sub", kMul[] = "mul", kDiv[] = "div", kMax[] = "max", kMin[] = "min",
               kAnd[] = "and", kOr[] = "or", kXor[] = "xor", kBitAnd[] = "bit_and", kBitOr[] = "bit_or",
               kBitXor[] = "bit_xor", kEq[] = "eq", kLt[] = "lt", kLe[] = "le", kGt[] = "gt", kGe[] = "ge";

Status mean(NodeContext& c) {
  ValueId y = c.in(0);
  for (size_t i = 1; i < c.input_count(); ++i) {
    RLX_ASSIGN(y, c.binary("add", y, c.in(i)));
  }
  RLX_ASSIGN(ValueId n, c.scalar(c.dtype(0), static_cast<double>(c.input_count())));
  return c.out(c.binary("div", y, n));
}

Status pow(NodeContext& c) {
  RLX_ASSIGN(ValueId exponent, second_operand(c));
  const DType base = c.dtype(0), power = c.g.dtype(exponent);
  if (base == power) return c.out(c.binary("pow", c.in(0), exponent));
  // Mixed types compute in the wider kind and come back to the base's type, as the standard's reference does.
  const DType wide = is_float(base) ? base : is_float(power) ? DType::kF64 : DType::kI64;
  RLX_ASSIGN(ValueId x, c.cast(c.in(0), wide));
  RLX_ASSIGN(ValueId p, c.cast(exponent, wide));
  RLX_ASSIGN(ValueId y, c.binary("pow", x, p));
  return c.out(c.cast(y, base));
}

Status mod(NodeContext& c) {
  return c.out(c.binary(c.attr("fmod", 0) ? "fmod" : "mod", c.in(0), c.in(1)));
}

Status bit_shift(NodeContext& c) {
  const std::string direction = c.attr_s("direction");
  if (direction != "LEFT" && direction != "RIGHT")
    return c.fail(Code::kInvalidArgument, "direction '" + direction + "' is neither LEFT nor RIGHT");
  return c.out(c.binary(direction == "LEFT" ? "shl" : "shr", c.in(0), c.in(1)));
}

constexpr OpEntry kOps[] = {
    {"Add", binary<kAdd>, 2},
    {"And", binary<kAnd>, 2},
    {"BitShift", bit_shift, 2},
    {"BitwiseAnd", binary<kBitAnd>, 2},
    {"BitwiseOr", binary<kBitOr>, 2},
    {"BitwiseXor", binary<kBitXor>, 2},
    {"Div", binary<kDiv>, 2},
    {"Equal", comparison<kEq>, 2},
    {"Greater", comparison<kGt>, 2},
    {"GreaterOrEqual", comparison<kGe>, 2},
    {"Less", comparison<kLt>, 2},
    {"LessOrEqual", comparison<kLe>, 2},
    {"Max", fold_left<kMax>, kAllInputs},
    {"Mean", mean, kAllInputs},
    {"Min", fold_left<kMin>, kAllInputs},
    {"Mod", mod, 2},
    {"Mul", binary<kMul>, 2},
    {"Or", binary<kOr>, 2},
    {"Pow", pow, 2},
    {"Sub", binary<kSub>, 2},
    {"Sum", fold_left<kAdd>, kAllInputs},
    {"Xor", binary<kXor>, 2},
};

}  // namespace

std::span<const OpEntry> arithmetic_ops() {
  return kOps;
}

}  // namespace rlx::onnx
