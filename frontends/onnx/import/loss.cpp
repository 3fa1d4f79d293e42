// Losses over class scores [N, C, d...] and labels [N, d...].

#include "context.hpp"

namespace rlx::onnx {
namespace {

// -w[t] * x[n, t, d...], 0 where the label is ignored; `mean` divides by the sum of the weights in use.
Result<ValueId> nll(NodeContext& c, ValueId x, size_t weight) {
  const DType dtype = c.g.dtype(x);
  ValueId labels = c.in(1);
  const Shape target = c.g.shape(labels);
  ValueId ignored = kNoValue;
  if (c.def.attrs.has("ignore_index")) {
    RLX_ASSIGN(ValueId index, c.scalar(c.g.dtype(labels), static_cast<double>(c.attr("ignore_index", 0))));
    RLX_ASSIGN(ignored, c.compare("eq", labels, index));
    RLX_ASSIGN(ValueId zero, c.scalar(c.g.dtype(labels), 0));
    RLX_ASSIGN(labels, c.add("where", {ignored, zero, labels}));
  }
  std::vector<int64_t> with_class(target.begin(), target.end());
  with_class.insert(with_class.begin() + (target.rank() ? 1 : 0), 1);
  RLX_ASSIGN(ValueId index, c.reshape(labels, with_class));
  RLX_ASSIGN(ValueId picked, c.add("gather_elements", {x, index}, {{"axis", int64_t{1}}}));
  RLX_ASSIGN(picked, c.reshape(picked, target.dims()));
  ValueId weights = kNoValue;
  RLX_ASSIGN(ValueId zero, c.scalar(dtype, 0));
  if (c.has(weight)) {
    RLX_ASSIGN(weights, c.add("gather", {c.in(weight), labels}, {{"axis", int64_t{0}}}));
  } else {
    RLX_ASSIGN(ValueId one, c.scalar(dtype, 1));
    RLX_ASSIGN(weights, c.add("expand", {one}, {{"shape", std::vector<int64_t>(target.begin(), target.end())}}));
  }
  if (ignored != kNoValue) {
    RLX_ASSIGN(weights, c.add("where", {ignored, zero, weights}));
  }
  RLX_ASSIGN(ValueId loss, c.binary("mul", picked, weights));
  RLX_ASSIGN(loss, c.unary("neg", loss));
  const std::string reduction = c.attr_s("reduction", "mean");
  if (reduction == "none") return loss;
  std::vector<int64_t> axes;
  for (size_t i = 0; i < target.rank(); ++i) axes.push_back(static_cast<int64_t>(i));
  const Attrs sum{{"kind", std::string("sum")}, {"axes", axes}, {"keep_dims", int64_t{0}}};
  RLX_ASSIGN(loss, c.add("reduce", {loss}, sum));
  if (reduction == "sum") return loss;
  RLX_ASSIGN(ValueId total, c.add("reduce", {weights}, sum));
  return c.binary("div", loss, total);
}

Status negative_log_likelihood(NodeContext& c) {
  return c.out(nll(c, c.in(0), 2));
}

Status softmax_cross_entropy(NodeContext& c) {
  RLX_ASSIGN(ValueId log_prob, c.add("log_softmax", {c.in(0)}, {{"axis", int64_t{1}}}));
  RLX_TRY(c.out(0, nll(c, log_prob, 2)));
  return c.out(1, log_prob);
}

constexpr OpEntry kOps[] = {
    {"NegativeLogLikelihoodLoss", negative_log_likelihood, 2},
    {"SoftmaxCrossEntropyLoss", softmax_cross_entropy, 2},
};

}  // namespace

std::span<const OpEntry> loss_ops() {
  return kOps;
}

}  // namespace rlx::onnx
