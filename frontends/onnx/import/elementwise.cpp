// Ops of one operand, and the selections: activations, casts, Where, Clip, Dropout.

#include "context.hpp"

#include <limits>

namespace rlx::onnx {
namespace {

template <const char* Kind>
Status plain(NodeContext& c) {
  return c.out(c.unary(Kind, c.in(0)));
}

#define RLX_UNARY(Name, kind)      \
  constexpr char k##Name[] = kind; \
  constexpr Handler h##Name = plain<k##Name>
RLX_UNARY(Abs, "abs");
RLX_UNARY(Acos, "acos");
RLX_UNARY(Acosh, "acosh");
RLX_UNARY(Asin, "asin");
RLX_UNARY(Asinh, "asinh");
RLX_UNARY(Atan, "atan");
RLX_UNARY(Atanh, "atanh");
RLX_UNARY(BitwiseNot, "bit_not");
RLX_UNARY(Ceil, "ceil");
RLX_UNARY(Cos, "cos");
RLX_UNARY(Cosh, "cosh");
RLX_UNARY(Erf, "erf");
RLX_UNARY(Exp, "exp");
RLX_UNARY(Floor, "floor");
RLX_UNARY(HardSwish, "hard_swish");
RLX_UNARY(IsNaN, "is_nan");
RLX_UNARY(Log, "log");
RLX_UNARY(Mish, "mish");
RLX_UNARY(Neg, "neg");
RLX_UNARY(Not, "not");
RLX_UNARY(Reciprocal, "recip");
RLX_UNARY(Relu, "relu");
RLX_UNARY(Round, "round");
RLX_UNARY(Sigmoid, "sigmoid");
RLX_UNARY(Sign, "sign");
RLX_UNARY(Sin, "sin");
RLX_UNARY(Sinh, "sinh");
RLX_UNARY(Softplus, "softplus");
RLX_UNARY(Softsign, "softsign");
RLX_UNARY(Sqrt, "sqrt");
RLX_UNARY(Tan, "tan");
RLX_UNARY(Tanh, "tanh");
#undef RLX_UNARY

Status with_alpha(NodeContext& c, std::string_view kind, double alpha, std::string_view second = {}, double beta = 0) {
  Attrs attrs{{"kind", std::string(kind)}, {"alpha", c.attr_f("alpha", alpha)}};
  if (!second.empty()) attrs.set("beta", c.attr_f(second, beta));
  return c.out(c.add("unary", {c.in(0)}, std::move(attrs)));
}

Status leaky_relu(NodeContext& c) {
  return with_alpha(c, "leaky_relu", 0.01);
}
Status elu(NodeContext& c) {
  return with_alpha(c, "elu", 1.0);
}
Status celu(NodeContext& c) {
  return with_alpha(c, "celu", 1.0);
}
Status selu(NodeContext& c) {
  // Opsets before 6 had other defaults; they name them in the file when it matters.
  return with_alpha(c, "selu", 1.67326319217681884765625, "gamma", 1.05070102214813232421875);
}
Status hard_sigmoid(NodeContext& c) {
  return with_alpha(c, "hard_sigmoid", 0.2, "beta", 0.5);
}
Status thresholded_relu(NodeContext& c) {
  return with_alpha(c, "thresholded_relu", 1.0);
}

Status shrink(NodeContext& c) {
  return c.out(
      c.add("unary", {c.in(0)},
            {{"kind", std::string("shrink")}, {"alpha", c.attr_f("lambd", 0.5)}, {"beta", c.attr_f("bias", 0.0)}}));
}

Status gelu(NodeContext& c) {
  return c.out(c.unary(c.attr_s("approximate") == "tanh" ? "gelu_tanh" : "gelu", c.in(0)));
}

Status is_inf(NodeContext& c) {
  return c.out(c.add("unary", {c.in(0)},
                     {{"kind", std::string("is_inf")},
                      {"alpha", static_cast<double>(c.attr("detect_negative", 1))},
                      {"beta", static_cast<double>(c.attr("detect_positive", 1))}}));
}

Status prelu(NodeContext& c) {
  // max(x, 0) + slope * min(x, 0); before opset 7 a slope of C elements goes along axis 1.
  ValueId slope = c.in(1);
  if (c.shape(1).rank() == 1 && c.shape(0).rank() > 2 && c.shape(1)[0] == c.shape(0)[1] && c.opset() < 7) {
    std::vector<int64_t> dims(c.shape(0).rank() - 1, 1);
    dims[0] = c.shape(1)[0];
    RLX_ASSIGN(slope, c.reshape(slope, dims));
  }
  RLX_ASSIGN(ValueId zero, c.scalar(c.dtype(0), 0));
  RLX_ASSIGN(ValueId scaled, c.binary("mul", c.in(0), slope));
  RLX_ASSIGN(ValueId below, c.compare("lt", c.in(0), zero));
  return c.out(c.add("where", {below, scaled, c.in(0)}));
}

Status cast(NodeContext& c) {
  const auto to = dtype_of(c.attr("to", 0));
  if (!to) return c.unsupported("element type " + element_type_text(c.attr("to", 0)) + " is not supported");
  return c.out(c.add("cast", {c.in(0)}, {{"to", *to}}));
}

Status cast_like(NodeContext& c) {
  return c.out(c.add("cast", {c.in(0)}, {{"to", c.dtype(1)}}));
}

Status identity(NodeContext& c) {
  return c.out(c.in(0));
}

Status clip(NodeContext& c) {
  if (c.opset() >= 11) {
    std::vector<ValueId> inputs{c.in(0)};
    if (c.has(1) || c.has(2)) inputs.push_back(c.in(1));
    if (c.has(2)) inputs.push_back(c.in(2));
    for (size_t i = 1; i < inputs.size(); ++i) {
      if (inputs[i] == kNoValue) continue;
      // A one-element bound of rank 1 is common in files although the standard asks for a scalar.
      if (c.g.shape(inputs[i]).rank() > 0) {
        RLX_ASSIGN(inputs[i], c.reshape(inputs[i], {}));
      }
    }
    // Constant bounds become attributes where they fit exactly: fusion understands those.
    if (c.dtype(0) == DType::kF32) {
      Attrs attrs;
      bool all_constant = true;
      for (size_t i = 1; i < inputs.size(); ++i) {
        if (inputs[i] == kNoValue) continue;
        const Literal* l = c.g.literal(c.in(i));
        if (l == nullptr || l->type != TensorType{DType::kF32, l->type.shape} || l->type.shape.elements() == 0)
          all_constant = false;
        else
          attrs.set(i == 1 ? "lo" : "hi", static_cast<double>(l->bytes.as<float>()[0]));
      }
      if (all_constant) return c.out(c.add("clamp", {c.in(0)}, std::move(attrs)));
    }
    return c.out(c.add("clamp", inputs));
  }
  constexpr double kInf = std::numeric_limits<double>::infinity();
  return c.out(c.add("clamp", {c.in(0)}, {{"lo", c.attr_f("min", -kInf)}, {"hi", c.attr_f("max", kInf)}}));
}

Status where(NodeContext& c) {
  return c.out(c.add("where", {c.in(0), c.in(1), c.in(2)}));
}

Status dropout(NodeContext& c) {
  bool train = false;
  double ratio = c.attr_f("ratio", 0.5);
  if (c.has(1)) {
    RLX_ASSIGN(std::vector<double> r, c.floats(1));
    ratio = r.empty() ? ratio : r[0];
  }
  if (c.has(2)) {
    RLX_ASSIGN(std::vector<double> t, c.floats(2));
    train = !t.empty() && t[0] != 0;
  }
  if (!train && !c.wants(1)) return c.out(c.in(0));
  RLX_ASSIGN(
      std::vector<ValueId> outs,
      c.add_multi(
          "dropout", {c.in(0)},
          {{"ratio", ratio}, {"train", int64_t{train}}, {"seed", c.attr("seed", 0)}, {"key", c.im.random_key++}}, 2));
  RLX_TRY(c.out(0, outs[0]));
  // Before opset 10 the mask had the data's type.
  return c.out(1, c.opset() < 10 ? c.cast(outs[1], c.dtype(0)) : Result<ValueId>(outs[1]));
}

constexpr OpEntry kOps[] = {
    {"Abs", hAbs, 1},
    {"Acos", hAcos, 1},
    {"Acosh", hAcosh, 1},
    {"Asin", hAsin, 1},
    {"Asinh", hAsinh, 1},
    {"Atan", hAtan, 1},
    {"Atanh", hAtanh, 1},
    {"BitwiseNot", hBitwiseNot, 1},
    {"Cast", cast, 1},
    {"CastLike", cast_like, 2},
    {"Ceil", hCeil, 1},
    {"Celu", celu, 1},
    {"Clip", clip, 1},
    {"Cos", hCos, 1},
    {"Cosh", hCosh, 1},
    {"Dropout", dropout, 1},
    {"Elu", elu, 1},
    {"Erf", hErf, 1},
    {"Exp", hExp, 1},
    {"Floor", hFloor, 1},
    {"Gelu", gelu, 1},
    {"HardSigmoid", hard_sigmoid, 1},
    {"HardSwish", hHardSwish, 1},
    {"Identity", identity, 1},
    {"IsInf", is_inf, 1},
    {"IsNaN", hIsNaN, 1},
    {"LeakyRelu", leaky_relu, 1},
    {"Log", hLog, 1},
    {"Mish", hMish, 1},
    {"Neg", hNeg, 1},
    {"Not", hNot, 1},
    {"PRelu", prelu, 2},
    {"Reciprocal", hReciprocal, 1},
    {"Relu", hRelu, 1},
    {"Round", hRound, 1},
    {"Selu", selu, 1},
    {"Shrink", shrink, 1},
    {"Sigmoid", hSigmoid, 1},
    {"Sign", hSign, 1},
    {"Sin", hSin, 1},
    {"Sinh", hSinh, 1},
    {"Softplus", hSoftplus, 1},
    {"Softsign", hSoftsign, 1},
    {"Sqrt", hSqrt, 1},
    {"Tan", hTan, 1},
    {"Tanh", hTanh, 1},
    {"ThresholdedRelu", thresholded_relu, 1},
    {"Where", where, 3},
};

}  // namespace

std::span<const OpEntry> elementwise_ops() {
  return kOps;
}

}  // namespace rlx::onnx
