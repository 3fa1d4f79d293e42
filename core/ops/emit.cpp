// The node builder of decompositions; see emit.hpp.
#include "ops/emit.hpp"

#include <rlx/sdk/convert.hpp>

#include <numeric>

namespace rlx::ops {

Emit::Emit(Graph& graph, const Node& node) : graph_(graph), name_(node.name), inputs_(node.inputs), attrs_(node.attrs) {
  for (const ValueId output : node.outputs) results_.push_back(graph.type(output));
}

void Emit::fail(Error error) {
  if (status_) status_ = tl::unexpected<Error>(std::move(error));
}

ValueId Emit::op(std::string_view name, std::span<const ValueId> inputs, Attrs attrs) {
  if (!status_) return kNoValue;
  auto value = graph_.add(name, inputs, std::move(attrs), name_);
  if (value) return *value;
  fail(std::move(value).error());
  return kNoValue;
}

Values Emit::outputs_of(std::string_view name, std::initializer_list<ValueId> inputs, Attrs attrs, size_t count) {
  if (!status_) return Values(count, kNoValue);
  auto node =
      graph_.add_node(name, std::span<const ValueId>(inputs.begin(), inputs.size()), std::move(attrs), name_, count);
  if (node) return graph_.node(*node).outputs;
  fail(std::move(node).error());
  return Values(count, kNoValue);
}

ValueId Emit::unary(std::string_view kind, ValueId x, double alpha, double beta) {
  return op("unary", {x}, {{"kind", std::string(kind)}, {"alpha", alpha}, {"beta", beta}});
}

ValueId Emit::activate(ValueId x) {
  const std::string& kind = attrs_.str("activation");
  return kind == "none" ? x : unary(kind, x, attrs_.f("alpha"), attrs_.f("beta"));
}

ValueId Emit::cast(ValueId x, DType to) {
  return dtype(x) == to ? x : op("cast", {x}, {{"to", to}});
}

ValueId Emit::widen(ValueId x) {
  const bool half = dtype(x) == DType::kF16 || dtype(x) == DType::kBF16;
  return half ? cast(x, DType::kF32) : x;
}

ValueId Emit::constant(DType dtype, const Shape& shape, std::span<const double> values) {
  if (!status_) return kNoValue;
  std::byte* data = nullptr;
  Literal literal{{dtype, shape}, Bytes::allocate(values.size() * size_of(dtype), &data)};
  sdk::convert(RLX_DTYPE_F64, values.data(), static_cast<rlx_dtype>(dtype), data, values.size());
  auto value = graph_.constant(std::move(literal), name_);
  if (value) return *value;
  fail(std::move(value).error());
  return kNoValue;
}

ValueId Emit::constant(const Shape& shape, std::span<const int64_t> values) {
  if (!status_) return kNoValue;
  auto value = graph_.constant(Literal::of<int64_t>(DType::kI64, shape, values), name_);
  if (value) return *value;
  fail(std::move(value).error());
  return kNoValue;
}

ValueId Emit::scalar(DType dtype, double value) {
  return constant(dtype, {}, std::span<const double>(&value, 1));
}

ValueId Emit::positions(DType dtype, int64_t count, size_t axis, size_t rank) {
  std::vector<int64_t> dims(rank, 1);
  dims[axis] = count;
  return op("iota", {}, {{"shape", std::move(dims)}, {"axis", static_cast<int64_t>(axis)}, {"to", dtype}});
}

ValueId Emit::reshape(ValueId x, std::span<const int64_t> dims) {
  const Shape from = shape(x);
  if (from.rank() == dims.size() && std::equal(dims.begin(), dims.end(), from.begin())) return x;
  return op("reshape", {x}, {{"shape", std::vector<int64_t>(dims.begin(), dims.end())}});
}

ValueId Emit::expand(ValueId x, std::span<const int64_t> dims) {
  const Shape from = shape(x);
  if (from.rank() == dims.size() && std::equal(dims.begin(), dims.end(), from.begin())) return x;
  return op("expand", {x}, {{"shape", std::vector<int64_t>(dims.begin(), dims.end())}});
}

ValueId Emit::transpose(ValueId x, Axes perm) {
  if (perm == axis_range(0, perm.size())) return x;
  return op("transpose", {x}, {{"perm", std::move(perm)}});
}

ValueId Emit::slice(ValueId x, size_t axis, int64_t start, int64_t end, int64_t step) {
  const Shape from = shape(x);
  if (x == kNoValue || (start == 0 && step == 1 && end == from[axis])) return x;
  Axes starts(from.rank(), 0), ends(from.begin(), from.end()), steps(from.rank(), 1);
  starts[axis] = start;
  ends[axis] = end;
  steps[axis] = step;
  return op("slice", {x}, {{"starts", std::move(starts)}, {"ends", std::move(ends)}, {"steps", std::move(steps)}});
}

ValueId Emit::concat(std::span<const ValueId> parts, size_t axis) {
  return op("concat", parts, {{"axis", static_cast<int64_t>(axis)}});
}

ValueId Emit::pad_zeros(ValueId x, Axes begins, Axes ends) {
  return op("pad", {x}, {{"mode", std::string("constant")}, {"begins", std::move(begins)}, {"ends", std::move(ends)}});
}

ValueId Emit::along(ValueId vector, size_t axis, size_t rank) {
  if (vector == kNoValue) return kNoValue;
  Axes dims(rank, 1);
  dims[axis] = shape(vector)[0];
  return reshape(vector, dims);
}

ValueId Emit::reduce(std::string_view kind, ValueId x, Axes axes, bool keep_dims) {
  return op("reduce", {x}, {{"kind", std::string(kind)}, {"axes", std::move(axes)}, {"keep_dims", int64_t{keep_dims}}});
}

ValueId Emit::matmul(ValueId a, ValueId b, bool trans_a, bool trans_b) {
  return op("matmul", {a, b}, {{"trans_a", int64_t{trans_a}}, {"trans_b", int64_t{trans_b}}});
}

Result<Values> Emit::done(Values results) {
  if (!status_) return tl::unexpected<Error>(std::move(status_).error());
  return results;
}

Axes axis_range(size_t first, size_t last) {
  Axes axes(last > first ? last - first : 0);
  std::iota(axes.begin(), axes.end(), static_cast<int64_t>(first));
  return axes;
}

int64_t product(const Shape& shape, size_t first, size_t last) {
  int64_t n = 1;
  for (size_t i = first; i < last; ++i) n *= shape[i];
  return n;
}

}  // namespace rlx::ops
