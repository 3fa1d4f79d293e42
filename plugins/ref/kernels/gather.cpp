// Reading by index. Negative indices count from the end; others out of range fail the run.
//   gather:          y.shape = x.shape[:axis] ++ idx.shape ++ x.shape[axis+1:]
//   gather_elements: y[i…] = x with i_axis replaced by idx[i…]
//   gather_nd:       the last axis of idx holds coordinates of blocks of x
//   gather_backward: adds dy's rows into zeros of the gathered tensor's shape
#include "kernel.hpp"
#include "move.hpp"
#include "number.hpp"

namespace rlx::ref::kernels {

namespace {

// All indices of an operand, checked against the number of entries.
std::vector<uint64_t> load_indices(const Call& call, uint32_t input, uint64_t limit) {
  std::vector<uint64_t> indices;
  for (int64_t value : load<int64_t>(call.in(input))) indices.push_back(call.checked_index(value, limit));
  return indices;
}

}  // namespace

void gather(const Call& call) {
  const Tensor &x = call.in(0), &y = call.out();
  const AxisSplit axis = split_at(x.dims, static_cast<size_t>(call.node.i("axis")));
  const std::vector<uint64_t> indices = load_indices(call, 1, axis.size);
  const uint64_t block = axis.inner * x.width();
  for (uint64_t o = 0; o < axis.outer; ++o)
    for (size_t i = 0; i < indices.size(); ++i)
      move_bytes(x.at(axis.at(o, indices[i], 0)), y.at((o * indices.size() + i) * axis.inner), block);
}

void gather_elements(const Call& call) {
  const Tensor &x = call.in(0), &y = call.out();
  const size_t axis = static_cast<size_t>(call.node.i("axis"));
  const std::vector<uint64_t> indices = load_indices(call, 1, x.dim(axis));
  const Strides strides = row_major(x.dims);
  size_t n = 0;
  move_elements(x, y, [&](const Index& index) {
    int64_t from = 0;
    for (size_t i = 0; i < x.rank(); ++i) from += static_cast<int64_t>(i == axis ? indices[n] : index[i]) * strides[i];
    ++n;
    return from;
  });
}

void gather_nd(const Call& call) {
  const Tensor &x = call.in(0), &idx = call.in(1), &y = call.out();
  const size_t batch_dims = static_cast<size_t>(call.node.i("batch_dims"));
  const size_t count = idx.dim(idx.rank() - 1);
  const uint64_t batches = count_of(x.dims.first(batch_dims)), block = count_of(x.dims.subspan(batch_dims + count));
  const uint64_t batch_size = count_of(x.dims.subspan(batch_dims));
  const uint64_t per_batch = count_of(idx.dims.subspan(batch_dims, idx.rank() - 1 - batch_dims));
  const std::vector<int64_t> coordinates = load<int64_t>(idx);
  for (uint64_t n = 0; n < batches * per_batch; ++n) {
    uint64_t from = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint64_t limit = x.dim(batch_dims + i);
      from = from * limit + call.checked_index(coordinates[n * count + i], limit);
    }
    move_bytes(x.at(n / per_batch * batch_size + from * block), y.at(n * block), block * x.width());
  }
}

void gather_backward(const Call& call) {
  const Tensor& dx = call.out();
  const AxisSplit axis = split_at(dx.dims, static_cast<size_t>(call.node.i("axis")));
  const std::vector<uint64_t> indices = load_indices(call, 1, axis.size);
  visit_sum(dx.dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> dy = load<T>(call.in(0));
    std::vector<T> sum(dx.elements());
    for (uint64_t o = 0; o < axis.outer; ++o)
      for (size_t i = 0; i < indices.size(); ++i)
        for (uint64_t n = 0; n < axis.inner; ++n) {
          T& to = sum[axis.at(o, indices[i], n)];
          to = add(to, dy[(o * indices.size() + i) * axis.inner + n]);
        }
    store(dx, sum);
  });
}

}  // namespace rlx::ref::kernels
