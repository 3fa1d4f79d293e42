// Writes the nodes of a decomposition in the order of its formula. After the first error every call returns kNoValue
// and done() reports it, so that a formula reads as one. Every node made carries the name of the node it replaces, so
// that an error at run still names what the user wrote. Shapes are static here.
#pragma once

#include "ops/infer.hpp"

namespace rlx::ops {

using Axes = std::vector<int64_t>;

class Emit {
 public:
  // Copies what it needs of the node: adding nodes to the graph moves them.
  Emit(Graph& graph, const Node& node);

  ValueId in(size_t i) const { return i < inputs_.size() ? inputs_[i] : kNoValue; }
  bool has(size_t i) const { return in(i) != kNoValue; }
  size_t input_count() const { return inputs_.size(); }
  const Attrs& attrs() const { return attrs_; }
  // The types of the values that the decomposition replaces.
  const std::vector<TensorType>& result_types() const { return results_; }
  Shape shape(ValueId x) const { return x == kNoValue ? Shape() : graph_.shape(x); }
  DType dtype(ValueId x) const { return x == kNoValue ? DType::kF32 : graph_.dtype(x); }

  ValueId op(std::string_view name, std::span<const ValueId> inputs, Attrs attrs = {});
  ValueId op(std::string_view name, std::initializer_list<ValueId> inputs, Attrs attrs = {}) {
    return op(name, std::span<const ValueId>(inputs.begin(), inputs.size()), std::move(attrs));
  }
  // All outputs of a node with several; kNoValue entries after an error.
  Values outputs_of(std::string_view name, std::initializer_list<ValueId> inputs, Attrs attrs, size_t count);

  // ---- elementwise ----
  ValueId unary(std::string_view kind, ValueId x) { return op("unary", {x}, {{"kind", std::string(kind)}}); }
  ValueId unary(std::string_view kind, ValueId x, double alpha, double beta);
  ValueId binary(std::string_view kind, ValueId a, ValueId b) {
    return op("binary", {a, b}, {{"kind", std::string(kind)}});
  }
  ValueId compare(std::string_view kind, ValueId a, ValueId b) {
    return op("compare", {a, b}, {{"kind", std::string(kind)}});
  }
  ValueId add(ValueId a, ValueId b) { return binary("add", a, b); }
  ValueId sub(ValueId a, ValueId b) { return binary("sub", a, b); }
  ValueId mul(ValueId a, ValueId b) { return binary("mul", a, b); }
  ValueId div(ValueId a, ValueId b) { return binary("div", a, b); }
  ValueId where(ValueId condition, ValueId a, ValueId b) { return op("where", {condition, a, b}); }
  // `activation` attributes of fused ops; none is x itself.
  ValueId activate(ValueId x);
  // x itself when it has the dtype already.
  ValueId cast(ValueId x, DType to);
  // f16 and bf16 become f32: intermediate results of a formula are not rounded to half.
  ValueId widen(ValueId x);

  // ---- constants ----
  ValueId scalar(DType dtype, double value);
  // An i64 scalar.
  ValueId integer(int64_t value) { return constant({}, std::span<const int64_t>(&value, 1)); }
  // A scalar of x's dtype.
  ValueId like(ValueId x, double value) { return scalar(dtype(x), value); }
  ValueId constant(DType dtype, const Shape& shape, std::span<const double> values);
  ValueId constant(const Shape& shape, std::span<const int64_t> values);
  // 0, 1, 2, … along `axis` of a tensor of that rank whose other dims are 1.
  ValueId positions(DType dtype, int64_t count, size_t axis, size_t rank);

  // ---- shape ----
  // x itself when it has the shape already.
  ValueId reshape(ValueId x, std::span<const int64_t> dims);
  ValueId reshape(ValueId x, std::initializer_list<int64_t> dims) {
    return reshape(x, std::span<const int64_t>(dims.begin(), dims.size()));
  }
  ValueId expand(ValueId x, std::span<const int64_t> dims);
  ValueId expand(ValueId x, std::initializer_list<int64_t> dims) {
    return expand(x, std::span<const int64_t>(dims.begin(), dims.size()));
  }
  ValueId transpose(ValueId x, Axes perm);
  // Elements start, start + step, … before end along one axis.
  ValueId slice(ValueId x, size_t axis, int64_t start, int64_t end, int64_t step = 1);
  ValueId concat(std::span<const ValueId> parts, size_t axis);
  ValueId pad_zeros(ValueId x, Axes begins, Axes ends);
  // A vector as [1, n, 1, …] of the given rank, n at `axis`.
  ValueId along(ValueId vector, size_t axis, size_t rank);

  // ---- reductions ----
  ValueId reduce(std::string_view kind, ValueId x, Axes axes, bool keep_dims = true);
  ValueId matmul(ValueId a, ValueId b, bool trans_a = false, bool trans_b = false);

  Result<Values> done(std::initializer_list<ValueId> results) { return done(Values(results)); }
  Result<Values> done(Values results);
  // Gives up; the first failure counts.
  void fail(Error error);

  Graph& graph() { return graph_; }

 private:
  Graph& graph_;
  std::string name_;
  Values inputs_;
  Attrs attrs_;
  std::vector<TensorType> results_;
  Status status_;
};

// first, first + 1, … before last
Axes axis_range(size_t first, size_t last);
// Product of dims first … last.
int64_t product(const Shape& shape, size_t first, size_t last);

}  // namespace rlx::ops
