// Ops driven by index tensors: Gather*, Scatter*, OneHot, Compress, ReverseSequence, MaxUnpool.

#include "context.hpp"

#include <algorithm>

namespace rlx::onnx {
namespace {

Status gather(NodeContext& c) {
  return c.out(c.add("gather", {c.in(0), c.in(1)}, {{"axis", c.attr("axis", 0)}}));
}

Status gather_elements(NodeContext& c) {
  return c.out(c.add("gather_elements", {c.in(0), c.in(1)}, {{"axis", c.attr("axis", 0)}}));
}

Status gather_nd(NodeContext& c) {
  return c.out(c.add("gather_nd", {c.in(0), c.in(1)}, {{"batch_dims", c.attr("batch_dims", 0)}}));
}

Status scatter_elements(NodeContext& c) {
  return c.out(c.add("scatter_elements", {c.in(0), c.in(1), c.in(2)},
                     {{"axis", c.attr("axis", 0)}, {"reduction", c.attr_s("reduction", "none")}}));
}

Status scatter_nd(NodeContext& c) {
  return c.out(c.add("scatter_nd", {c.in(0), c.in(1), c.in(2)}, {{"reduction", c.attr_s("reduction", "none")}}));
}

Status one_hot(NodeContext& c) {
  RLX_ASSIGN(const int64_t depth, c.count(1, "depth"));
  ValueId indices = c.in(0);
  if (!is_int(c.dtype(0)) || (c.dtype(0) != DType::kI64 && c.dtype(0) != DType::kI32)) {
    RLX_ASSIGN(indices, c.cast(indices, DType::kI64));
  }
  return c.out(c.add("one_hot", {indices, c.in(2)}, {{"depth", depth}, {"axis", c.attr("axis", -1)}}));
}

Status compress(NodeContext& c) {
  RLX_ASSIGN(std::vector<double> condition, c.floats(1));
  ValueId x = c.in(0);
  int64_t axis = 0;
  if (c.def.attrs.has("axis")) {
    RLX_ASSIGN(axis, axis_of(c, c.attr("axis", 0), c.shape(0).rank()));
  } else {
    const int64_t flat[] = {-1};
    RLX_ASSIGN(x, c.reshape(x, flat));
  }
  std::vector<int64_t> keep;
  for (size_t i = 0; i < condition.size(); ++i)
    if (condition[i] != 0) keep.push_back(static_cast<int64_t>(i));
  RLX_ASSIGN(ValueId indices, c.constant(Literal::i64s(keep)));
  return c.out(c.add("gather", {x, indices}, {{"axis", axis}}));
}

Status reverse_sequence(NodeContext& c) {
  RLX_ASSIGN(std::vector<int64_t> lengths, c.ints(1));
  const Shape shape = c.shape(0);
  const auto time = static_cast<size_t>(c.attr("time_axis", 0)), batch = static_cast<size_t>(c.attr("batch_axis", 1));
  if (time > 1 || batch > 1 || time == batch || shape.rank() < 2)
    return c.fail(Code::kInvalidArgument, "time_axis " + std::to_string(c.attr("time_axis", 0)) + " and batch_axis " +
                                              std::to_string(c.attr("batch_axis", 1)) + " of " + to_string(shape) +
                                              " must be 0 and 1 of rank 2 or more");
  if (static_cast<int64_t>(lengths.size()) != shape[batch])
    return c.fail(Code::kInvalidArgument,
                  std::to_string(lengths.size()) + " lengths for a batch of " + std::to_string(shape[batch]));
  const int64_t limit = c.im.options->fold_limit_bytes / static_cast<int64_t>(2 * sizeof(int64_t));
  if (shape[1] > 0 && shape[0] > limit / shape[1])
    return c.fail(Code::kResourceExhausted, "more than " + std::to_string(limit) + " steps in all sequences");
  // One index pair per element of the two leading axes.
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < shape[0]; ++i) {
    for (int64_t j = 0; j < shape[1]; ++j) {
      const int64_t t = time == 0 ? i : j, b = time == 0 ? j : i;
      const int64_t length = lengths[static_cast<size_t>(b)];
      if (length < 0 || length > shape[time])
        return c.fail(Code::kOutOfRange, "length " + std::to_string(length) + " out of range for " +
                                             std::to_string(shape[time]) + " steps");
      const int64_t from = t < length ? length - 1 - t : t;
      indices.push_back(time == 0 ? from : b);
      indices.push_back(time == 0 ? b : from);
    }
  }
  RLX_ASSIGN(ValueId idx, c.constant(Literal::of<int64_t>(DType::kI64, {shape[0], shape[1], 2}, indices)));
  return c.out(c.add("gather_nd", {c.in(0), idx}, {{"batch_dims", int64_t{0}}}));
}

Status max_unpool(NodeContext& c) {
  const Shape in = c.shape(0);
  std::vector<int64_t> out(in.begin(), in.end());
  const auto kernel = c.attr_ints("kernel_shape");
  auto strides = c.attr_ints("strides");
  auto pads = c.attr_ints("pads");
  if (strides.empty()) strides.assign(kernel.size(), 1);
  if (pads.empty()) pads.assign(2 * kernel.size(), 0);
  if (kernel.size() + 2 != in.rank() || strides.size() != kernel.size() || pads.size() != 2 * kernel.size())
    return c.fail(Code::kInvalidArgument, "kernel_shape, strides and pads do not fit shape " + to_string(in));
  RLX_TRY(check_window(c, "kernel size", kernel, 1));
  RLX_TRY(check_window(c, "stride", strides, 1));
  RLX_TRY(check_window(c, "pad", pads, 0));
  RLX_TRY(check_window(c, "dim", std::vector<int64_t>(in.begin() + 2, in.end()), 1));
  for (size_t i = 0; i < kernel.size(); ++i)
    out[i + 2] = (in[i + 2] - 1) * strides[i] + kernel[i] - pads[i] - pads[i + kernel.size()];
  if (c.has(2)) {
    // The indices count within the tensor that was pooled; output_shape may be larger and then pads it at the end.
    RLX_ASSIGN(std::vector<int64_t> wanted, c.ints(2));
    if (wanted.size() != out.size())
      return c.fail(Code::kInvalidArgument, "output_shape has rank " + std::to_string(wanted.size()) + ", the input " +
                                                std::to_string(out.size()));
    for (size_t i = 0; i < out.size(); ++i) {
      if (wanted[i] < out[i] || wanted[i] > kMaxElements)
        return c.fail(Code::kInvalidArgument, "output_shape " + std::to_string(wanted[i]) + " does not hold the dim " +
                                                  std::to_string(out[i]) + " that was pooled");
    }
  }
  auto pooled = Shape::make(out);
  if (!pooled || !pooled->is_static())
    return c.fail(Code::kOutOfRange, "the output shape is not valid: " +
                                         (pooled ? "negative dim in " + to_string(*pooled) : pooled.error().message));
  const int64_t count = pooled->elements();
  const int64_t flat[] = {-1};
  RLX_ASSIGN(ValueId zero, c.scalar(c.dtype(0), 0));
  RLX_ASSIGN(ValueId empty, c.add("expand", {zero}, {{"shape", std::vector<int64_t>{count}}}));
  RLX_ASSIGN(ValueId indices, c.reshape(c.in(1), flat));
  RLX_ASSIGN(ValueId updates, c.reshape(c.in(0), flat));
  RLX_ASSIGN(ValueId y, c.add("scatter_elements", {empty, indices, updates},
                              {{"axis", int64_t{0}}, {"reduction", std::string("none")}}));
  RLX_ASSIGN(y, c.reshape(y, out));
  if (!c.has(2)) return c.out(y);
  RLX_ASSIGN(std::vector<int64_t> wanted, c.ints(2));
  std::vector<int64_t> ends(out.size());
  for (size_t i = 0; i < out.size(); ++i) ends[i] = wanted[i] - out[i];
  return c.out(
      c.add("pad", {y},
            {{"mode", std::string("constant")}, {"begins", std::vector<int64_t>(out.size(), 0)}, {"ends", ends}}));
}

constexpr OpEntry kOps[] = {
    {"Compress", compress, 2},
    {"Gather", gather, 2},
    {"GatherElements", gather_elements, 2},
    {"GatherND", gather_nd, 2},
    {"MaxUnpool", max_unpool, 2},
    {"OneHot", one_hot, 3},
    {"ReverseSequence", reverse_sequence, 2},
    {"Scatter", scatter_elements, 3},
    {"ScatterElements", scatter_elements, 3},
    {"ScatterND", scatter_nd, 3},
};

}  // namespace

std::span<const OpEntry> index_ops() {
  return kOps;
}

}  // namespace rlx::onnx
