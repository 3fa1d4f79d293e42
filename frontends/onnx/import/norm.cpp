// Normalisations and softmax.

#include "context.hpp"

#include <algorithm>

namespace rlx::onnx {
namespace {

Status batch_norm(NodeContext& c) {
  if (c.attr("training_mode", 0) != 0) return c.unsupported("training_mode is not supported");
  std::vector<ValueId> inputs{c.in(0)};
  for (size_t i = 1; i < 5; ++i) {
    // Statistics may have another float type than the data since opset 15.
    RLX_ASSIGN(ValueId v, c.cast(c.in(i), c.dtype(0)));
    inputs.push_back(v);
  }
  return c.out(c.add("batch_norm", inputs, {{"eps", c.attr_f("epsilon", 1e-5)}}));
}

Status instance_norm(NodeContext& c) {
  return c.out(c.add("instance_norm", {c.in(0), c.in(1), c.in(2)}, {{"eps", c.attr_f("epsilon", 1e-5)}}));
}

Status group_norm(NodeContext& c) {
  const int64_t groups = c.attr("num_groups", 1);
  ValueId scale = c.in(1), bias = c.in(2);
  if (c.opset() < 21) {
    // Opset 18 gave one scale per group; repeat it for each channel of the group.
    const int64_t channels = c.shape(0).rank() > 1 ? c.shape(0)[1] : 0;
    if (groups <= 0 || channels % groups != 0)
      return c.fail(Code::kInvalidArgument,
                    std::to_string(groups) + " groups do not divide " + std::to_string(channels) + " channels");
    for (ValueId* v : {&scale, &bias}) {
      const int64_t column[] = {groups, 1}, flat[] = {-1};
      RLX_ASSIGN(*v, c.reshape(*v, column));
      RLX_ASSIGN(*v, c.add("expand", {*v}, {{"shape", std::vector<int64_t>{groups, channels / groups}}}));
      RLX_ASSIGN(*v, c.reshape(*v, flat));
    }
  }
  return c.out(c.add("group_norm", {c.in(0), scale, bias}, {{"groups", groups}, {"eps", c.attr_f("epsilon", 1e-5)}}));
}

Result<ValueId> mean_of(NodeContext& c, ValueId x, const std::vector<int64_t>& axes) {
  return c.add("reduce", {x}, {{"kind", std::string("mean")}, {"axes", axes}, {"keep_dims", int64_t{1}}});
}

Status layer_norm(NodeContext& c) {
  const size_t rank = c.shape(0).rank();
  RLX_ASSIGN(int64_t axis, axis_of(c, c.attr("axis", -1), rank));
  const double eps = c.attr_f("epsilon", 1e-5);
  std::vector<ValueId> inputs{c.in(0)};
  const Shape tail(c.shape(0).dims().subspan(static_cast<size_t>(axis)));
  for (size_t i = 1; i <= 2 && c.has(i); ++i) {
    ValueId v = c.in(i);
    if (c.shape(i) != tail) {
      RLX_ASSIGN(v, c.add("expand", {v}, {{"shape", std::vector<int64_t>(tail.begin(), tail.end())}}));
    }
    inputs.push_back(v);
  }
  RLX_TRY(c.out(0, c.add("layer_norm", inputs, {{"axis", axis}, {"eps", eps}})));
  if (!c.wants(1) && !c.wants(2)) return {};
  std::vector<int64_t> axes;
  for (int64_t a = axis; a < static_cast<int64_t>(rank); ++a) axes.push_back(a);
  RLX_ASSIGN(ValueId mean, mean_of(c, c.in(0), axes));
  RLX_ASSIGN(ValueId centred, c.binary("sub", c.in(0), mean));
  RLX_ASSIGN(ValueId squares, c.binary("mul", centred, centred));
  RLX_ASSIGN(ValueId variance, mean_of(c, squares, axes));
  RLX_ASSIGN(ValueId e, c.scalar(c.dtype(0), eps));
  RLX_ASSIGN(variance, c.binary("add", variance, e));
  RLX_TRY(c.out(1, mean));
  return c.out(2, c.unary("rsqrt", variance));
}

Status mean_variance(NodeContext& c) {
  std::vector<int64_t> axes = c.attr_ints("axes");
  if (axes.empty()) axes = {0, 2, 3};
  RLX_ASSIGN(ValueId mean, mean_of(c, c.in(0), axes));
  RLX_ASSIGN(ValueId centred, c.binary("sub", c.in(0), mean));
  RLX_ASSIGN(ValueId squares, c.binary("mul", centred, centred));
  RLX_ASSIGN(ValueId variance, mean_of(c, squares, axes));
  RLX_ASSIGN(ValueId deviation, c.unary("sqrt", variance));
  RLX_ASSIGN(ValueId eps, c.scalar(c.dtype(0), 1e-9));
  RLX_ASSIGN(deviation, c.binary("add", deviation, eps));
  return c.out(c.binary("div", centred, deviation));
}

Status lp_norm(NodeContext& c) {
  if (c.attr("p", 2) == 2) return c.out(c.add("l2_norm", {c.in(0)}, {{"axis", c.attr("axis", -1)}}));
  if (c.attr("p", 2) != 1)
    return c.fail(Code::kInvalidArgument, "p must be 1 or 2, got " + std::to_string(c.attr("p", 2)));
  RLX_ASSIGN(int64_t axis, axis_of(c, c.attr("axis", -1), c.shape(0).rank()));
  RLX_ASSIGN(ValueId norm,
             c.add("reduce", {c.in(0)},
                   {{"kind", std::string("l1")}, {"axes", std::vector<int64_t>{axis}}, {"keep_dims", int64_t{1}}}));
  return c.out(c.binary("div", c.in(0), norm));
}

Status lrn(NodeContext& c) {
  return c.out(c.add("lrn", {c.in(0)},
                     {{"size", c.attr("size", 1)},
                      {"alpha", c.attr_f("alpha", 1e-4)},
                      {"beta", c.attr_f("beta", 0.75)},
                      {"bias", c.attr_f("bias", 1)}}));
}

// Before opset 13 these worked on the input flattened to two dims at `axis`.
template <typename Make>
Status along_axis(NodeContext& c, Make make) {
  const Shape s = c.shape(0);
  if (c.opset() >= 13) return c.out(make(c.in(0), c.attr("axis", -1)));
  RLX_ASSIGN(int64_t axis, axis_of(c, c.attr("axis", 1), s.rank()));
  if (axis + 1 == static_cast<int64_t>(s.rank())) return c.out(make(c.in(0), axis));
  int64_t rows = 1;
  for (int64_t i = 0; i < axis; ++i) rows *= s[static_cast<size_t>(i)];
  const int64_t flat[] = {rows, s.elements() / std::max<int64_t>(rows, 1)};
  RLX_ASSIGN(ValueId x, c.reshape(c.in(0), flat));
  RLX_ASSIGN(ValueId y, make(x, 1));
  return c.out(c.reshape(y, s.dims()));
}

Status softmax(NodeContext& c) {
  return along_axis(c, [&](ValueId x, int64_t axis) { return c.add("softmax", {x}, {{"axis", axis}}); });
}
Status log_softmax(NodeContext& c) {
  return along_axis(c, [&](ValueId x, int64_t axis) { return c.add("log_softmax", {x}, {{"axis", axis}}); });
}
Status hardmax(NodeContext& c) {
  return along_axis(c, [&](ValueId x, int64_t axis) -> Result<ValueId> {
    const Shape s = c.g.shape(x);
    RLX_ASSIGN(int64_t a, axis_of(c, axis, s.rank()));
    RLX_ASSIGN(ValueId best,
               c.add("arg_reduce", {x}, {{"kind", std::string("argmax")}, {"axis", a}, {"keep_dims", int64_t{0}}}));
    const double off_on[] = {0, 1};
    RLX_ASSIGN(ValueId values, c.constant(Literal::of<double>(DType::kF64, {2}, off_on)));
    RLX_ASSIGN(values, c.cast(values, c.g.dtype(x)));
    return c.add("one_hot", {best, values}, {{"depth", s[static_cast<size_t>(a)]}, {"axis", a}});
  });
}

constexpr OpEntry kOps[] = {
    {"BatchNormalization", batch_norm, 5},
    {"GroupNormalization", group_norm, 3},
    {"Hardmax", hardmax, 1},
    {"InstanceNormalization", instance_norm, 3},
    {"LRN", lrn, 1},
    {"LayerNormalization", layer_norm, 2},
    {"LogSoftmax", log_softmax, 1},
    {"LpNormalization", lp_norm, 1},
    {"MeanVarianceNormalization", mean_variance, 1},
    {"Softmax", softmax, 1},
};

}  // namespace

std::span<const OpEntry> norm_ops() {
  return kOps;
}

}  // namespace rlx::onnx
