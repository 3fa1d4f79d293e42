// conv [* scale] [batch_norm] [+ bias] [+ residual] [activation] -> fused_conv_bias_act. Scales and batch norms with
// constant statistics go into the weights here, in the weights' own dtype rounded once.

#include <rlx/tensor.hpp>

#include <cmath>

#include "compile/match.hpp"
#include "compile/pass.hpp"

namespace rlx {
namespace {

struct Affine {
  std::vector<double> scale, shift;  // per output channel
};

std::vector<double> doubles(const Literal& l) {
  std::vector<double> v(static_cast<size_t>(l.type.shape.elements()));
  convert(l.type.dtype, l.bytes.data(), DType::kF64, v.data(), v.size());
  return v;
}

Literal from_doubles(const std::vector<double>& v, DType dtype, const Shape& shape) {
  std::byte* out = nullptr;
  Bytes bytes = Bytes::allocate(v.size() * size_of(dtype), &out);
  convert(DType::kF64, v.data(), dtype, out, v.size());
  return {{dtype, shape}, std::move(bytes)};
}

// One number per channel from a constant that broadcasts along axis 1 of rank `rank` only.
std::optional<std::vector<double>> per_channel(const Graph& g, ValueId v, size_t rank, int64_t channels) {
  const Literal* l = v == kNoValue ? nullptr : g.literal(v);
  if (l == nullptr) return std::nullopt;
  const Shape& s = l->type.shape;
  if (s.elements() == 1 && s.rank() <= rank) return std::vector<double>(static_cast<size_t>(channels), doubles(*l)[0]);
  if (s.rank() > rank || s.rank() + 1 < rank || s.elements() != channels) return std::nullopt;
  return s[1 - (rank - s.rank())] == channels ? std::optional(doubles(*l)) : std::nullopt;
}

// What the node does to its input `y`, when that is a constant scale and shift per channel.
std::optional<Affine> affine_of(const Graph& g, const Node& n, ValueId y) {
  const Shape& s = g.shape(y);
  const int64_t channels = s[1];
  Affine a{std::vector<double>(static_cast<size_t>(channels), 1),
           std::vector<double>(static_cast<size_t>(channels), 0)};
  if (n.is("batch_norm") && n.inputs[0] == y) {
    for (size_t i = 1; i < 5; ++i)
      if (g.literal(n.inputs[i]) == nullptr) return std::nullopt;
    const auto gamma = doubles(*g.literal(n.inputs[1])), beta = doubles(*g.literal(n.inputs[2]));
    const auto mean = doubles(*g.literal(n.inputs[3])), var = doubles(*g.literal(n.inputs[4]));
    for (size_t c = 0; c < a.scale.size(); ++c) {
      a.scale[c] = gamma[c] / std::sqrt(var[c] + n.attrs.f("eps"));
      a.shift[c] = beta[c] - mean[c] * a.scale[c];
    }
    return a;
  }
  if (!n.is("binary")) return std::nullopt;
  const auto& kind = n.attrs.str("kind");
  const auto other = per_channel(g, other_operand(n, y), s.rank(), channels);
  if (!other || (kind != "mul" && kind != "add")) return std::nullopt;
  (kind == "mul" ? a.scale : a.shift) = *other;
  return a;
}

// Multiplies the weight's output channels and returns the new constants.
Status apply(Graph& g, std::vector<ValueId>& inputs, const Affine& a) {
  const Literal w = *g.literal(inputs[1]);
  const auto channels = static_cast<size_t>(w.type.shape[0]);
  bool scales = false;
  for (double s : a.scale) scales |= s != 1;
  if (scales) {
    std::byte* out = nullptr;
    Bytes bytes = Bytes::allocate(w.bytes.size(), &out);
    const size_t row = w.bytes.size() / size_of(w.type.dtype) / channels;
    if (w.type.dtype == DType::kF32) {
      const float* src = w.bytes.as<float>().data();
      auto* dst = reinterpret_cast<float*>(out);
      for (size_t c = 0; c < channels; ++c)
        for (size_t i = 0; i < row; ++i)
          dst[c * row + i] = static_cast<float>(static_cast<double>(src[c * row + i]) * a.scale[c]);
      RLX_ASSIGN(inputs[1], g.constant({w.type, std::move(bytes)}, g.value(inputs[1]).name));
    } else {
      std::vector<double> v = doubles(w);
      for (size_t c = 0; c < channels; ++c)
        for (size_t i = 0; i < row; ++i) v[c * row + i] *= a.scale[c];
      RLX_ASSIGN(inputs[1], g.constant(from_doubles(v, w.type.dtype, w.type.shape), g.value(inputs[1]).name));
    }
  }
  std::vector<double> bias(channels, 0);
  if (inputs.size() > 2 && inputs[2] != kNoValue) bias = doubles(*g.literal(inputs[2]));
  for (size_t c = 0; c < channels; ++c) bias[c] = bias[c] * a.scale[c] + a.shift[c];
  inputs.resize(3, kNoValue);
  RLX_ASSIGN(inputs[2], g.constant(from_doubles(bias, w.type.dtype, {static_cast<int64_t>(channels)})));
  return {};
}

bool constant_weights(const Graph& g, const std::vector<ValueId>& inputs) {
  return g.literal(inputs[1]) != nullptr &&
         (inputs.size() < 3 || inputs[2] == kNoValue || g.literal(inputs[2]) != nullptr);
}

// The residual that the only user of y adds; its value must exist before the convolution, which holds for any value of
// y's type that does not come from y: y has no other user.
ValueId residual_after(const Graph& g, ValueId y, ValueId* sum) {
  const Node* add = sole_user(g, y);
  if (add == nullptr || !add->is("binary") || add->attrs.str("kind") != "add") return kNoValue;
  const ValueId other = other_operand(*add, y);
  if (other == kNoValue || g.type(other) != g.type(y) || g.literal(other) != nullptr) return kNoValue;
  // Of two convolutions that meet in a sum, the later one takes the other's result.
  const bool later = g.value(other).producer < g.value(y).producer;
  const bool other_is_conv =
      (made_by(g, other, "conv") || made_by(g, other, "fused_conv_bias_act")) && sole_use(g, other);
  if (other_is_conv && !later) return kNoValue;
  *sum = add->outputs[0];
  return other;
}

}  // namespace

Result<size_t> fuse_conv(Graph& g, PassContext& context) {
  if (!context.supports("fused_conv_bias_act")) return size_t{0};
  RLX_ASSIGN(std::vector<NodeId> order, g.order());
  size_t changes = 0;
  for (NodeId id : order) {
    if (g.node(id).erased() || !g.node(id).is("conv") || !is_float(g.dtype(g.node(id).outputs[0]))) continue;
    const Node n = g.node(id);
    std::vector<ValueId> inputs = n.inputs;
    ValueId end = n.outputs[0];
    bool changed = false;
    for (const Node* user = sole_user(g, end); user != nullptr && constant_weights(g, inputs);
         user = sole_user(g, end)) {
      const auto affine = affine_of(g, *user, end);
      if (!affine || g.type(user->outputs[0]) != g.type(end)) break;
      end = user->outputs[0];
      RLX_TRY(apply(g, inputs, *affine));
      context.fused("conv scale or bias");
      changed = true;
    }
    ValueId sum = kNoValue;
    if (const ValueId residual = residual_after(g, end, &sum); residual != kNoValue) {
      inputs.resize(3, kNoValue);
      inputs.push_back(residual);
      end = sum;
      context.fused("conv residual");
      changed = true;
    }
    Attrs attrs = n.attrs;
    if (const Node* act = sole_user(g, end);
        act != nullptr && is_activation(*act) && g.type(act->outputs[0]) == g.type(end)) {
      copy_activation(*act, attrs);
      end = act->outputs[0];
      context.fused("conv activation");
      changed = true;
    }
    if (!changed) continue;
    RLX_ASSIGN(ValueId y, g.add("fused_conv_bias_act", inputs, std::move(attrs), n.name));
    g.replace_uses(end, y);
    ++changes;
  }
  return changes;
}

}  // namespace rlx
