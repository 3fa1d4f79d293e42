// Matrix products.
//   matmul:      y = op(a) · op(b), batches broadcast, 1-D operands as in numpy
//   dot_general: y = batch dims, free dims of a, free dims of b
//   linear:      y[…, n] = act(Σ_k x[…, k] · w + b[n])
#include "gemm.hpp"
#include "kernel.hpp"
#include "unary_kinds.hpp"

#include <algorithm>

namespace rlx::ref::kernels {

namespace {

// An operand of matmul as a batch of matrices.
struct MatrixDims {
  DimsView batch;
  int64_t rows, columns, row_stride, column_stride;
};

// A vector is one row on the left and one column on the right.
MatrixDims matrix_dims(const Tensor& t, bool transposed, bool is_left) {
  const size_t rank = t.rank();
  if (rank == 1) {
    const int64_t n = static_cast<int64_t>(t.dim(0));
    return is_left ? MatrixDims{{}, 1, n, n, 1} : MatrixDims{{}, n, 1, 1, n};
  }
  const int64_t rows = static_cast<int64_t>(t.dim(rank - 2)), columns = static_cast<int64_t>(t.dim(rank - 1));
  const DimsView batch = t.dims.first(rank - 2);
  return transposed ? MatrixDims{batch, columns, rows, 1, columns} : MatrixDims{batch, rows, columns, columns, 1};
}

// Where each matrix of a batch starts when the batch dims broadcast to `batch`.
std::vector<int64_t> matrix_starts(const MatrixDims& m, DimsView batch) {
  std::vector<int64_t> starts;
  for_each_offset(batch, broadcast_strides(m.batch, batch), 0,
                  [&](int64_t offset) { starts.push_back(offset * m.rows * m.columns); });
  return starts;
}

Dims broadcast(DimsView a, DimsView b) {
  if (a.size() < b.size()) std::swap(a, b);
  Dims dims(a.begin(), a.end());
  for (size_t i = 0; i < b.size(); ++i) {
    uint64_t& d = dims[a.size() - b.size() + i];
    if (d == 1) d = b[i];
  }
  return dims;
}

// The elements of t with the given axes outermost, in their order.
template <typename T>
std::vector<T> load_permuted(const Tensor& t, const std::vector<size_t>& axes) {
  const Strides own = row_major(t.dims);
  Dims dims;
  Strides strides;
  for (size_t axis : axes) {
    dims.push_back(t.dim(axis));
    strides.push_back(own[axis]);
  }
  return load_strided<T>(t, dims, strides);
}

struct DotAxes {
  std::vector<size_t> batch, free, contracting;
  int64_t count(const Tensor& t, const std::vector<size_t>& axes) const {
    int64_t n = 1;
    for (size_t axis : axes) n *= static_cast<int64_t>(t.dim(axis));
    return n;
  }
};

DotAxes dot_axes(const Tensor& t, std::span<const int64_t> batch, std::span<const int64_t> contracting) {
  DotAxes axes{{batch.begin(), batch.end()}, {}, {contracting.begin(), contracting.end()}};
  for (size_t i = 0; i < t.rank(); ++i) {
    const auto is_axis = [&](int64_t axis) { return axis == static_cast<int64_t>(i); };
    if (std::none_of(batch.begin(), batch.end(), is_axis) &&
        std::none_of(contracting.begin(), contracting.end(), is_axis))
      axes.free.push_back(i);
  }
  return axes;
}

std::vector<size_t> joined(const std::vector<size_t>& a, const std::vector<size_t>& b, const std::vector<size_t>& c) {
  std::vector<size_t> all = a;
  all.insert(all.end(), b.begin(), b.end());
  all.insert(all.end(), c.begin(), c.end());
  return all;
}

}  // namespace

void matmul(const Call& call) {
  const MatrixDims a = matrix_dims(call.in(0), call.node.flag("trans_a"), true);
  const MatrixDims b = matrix_dims(call.in(1), call.node.flag("trans_b"), false);
  const Dims batch = broadcast(a.batch, b.batch);
  const std::vector<int64_t> starts_a = matrix_starts(a, batch), starts_b = matrix_starts(b, batch);
  visit_sum(call.out().dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> va = load<T>(call.in(0)), vb = load<T>(call.in(1));
    std::vector<T> y(call.out().elements());
    for (size_t i = 0; i < starts_a.size(); ++i)
      gemm<T>(a.rows, b.columns, a.columns, {va.data() + starts_a[i], a.row_stride, a.column_stride},
              {vb.data() + starts_b[i], b.row_stride, b.column_stride},
              y.data() + static_cast<int64_t>(i) * a.rows * b.columns);
    store(call.out(), y);
  });
}

void dot_general(const Call& call) {
  const Tensor &lhs = call.in(0), &rhs = call.in(1);
  const DotAxes a = dot_axes(lhs, call.node.ints("lhs_batch"), call.node.ints("lhs_contracting"));
  const DotAxes b = dot_axes(rhs, call.node.ints("rhs_batch"), call.node.ints("rhs_contracting"));
  const int64_t batch = a.count(lhs, a.batch), m = a.count(lhs, a.free), k = a.count(lhs, a.contracting);
  const int64_t n = b.count(rhs, b.free);
  visit_sum(call.out().dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> va = load_permuted<T>(lhs, joined(a.batch, a.free, a.contracting));
    const std::vector<T> vb = load_permuted<T>(rhs, joined(b.batch, b.contracting, b.free));
    std::vector<T> y(call.out().elements());
    for (int64_t i = 0; i < batch; ++i)
      gemm<T>(m, n, k, {va.data() + i * m * k, k, 1}, {vb.data() + i * k * n, n, 1}, y.data() + i * m * n);
    store(call.out(), y);
  });
}

void linear(const Call& call) {
  const Tensor &x = call.in(0), &w = call.in(1);
  const bool kn = call.node.s("w_layout") == "kn";
  const int64_t k = static_cast<int64_t>(w.dim(kn ? 0 : 1)), n = static_cast<int64_t>(w.dim(kn ? 1 : 0));
  const int64_t rows = static_cast<int64_t>(count_of(x.dims.first(x.rank() - 1)));
  visit_sum(call.out().dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> vx = load<T>(x), vw = load<T>(w);
    std::vector<T> y(call.out().elements());
    const Matrix<T> weights = kn ? Matrix<T>{vw.data(), n, 1} : Matrix<T>{vw.data(), 1, k};
    gemm<T>(rows, n, k, {vx.data(), k, 1}, weights, y.data());
    if (call.has(2)) {
      const std::vector<T> bias = load<T>(call.in(2));
      for (size_t i = 0; i < y.size(); ++i) y[i] = add(y[i], bias[i % static_cast<size_t>(n)]);
    }
    store_activated(call, call.out(), std::move(y));
  });
}

}  // namespace rlx::ref::kernels
