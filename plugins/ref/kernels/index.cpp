// Making tensors from indices and indices from tensors.
//   one_hot: off_on[1] at the index, off_on[0] elsewhere      iota: start + step·(index along axis)
//   non_zero: the coordinates of what is not zero, one column each, row-major, and how many there are
#include "kernel.hpp"
#include "move.hpp"
#include "number.hpp"

#include <algorithm>

namespace rlx::ref::kernels {

void one_hot(const Call& call) {
  const Tensor &off_on = call.in(1), &y = call.out();
  const size_t axis = static_cast<size_t>(call.node.i("axis"));
  const int64_t depth = call.node.i("depth");
  const std::vector<int64_t> indices = load<int64_t>(call.in(0));
  const AxisSplit split = split_at(y.dims, axis);
  for (uint64_t o = 0; o < split.outer; ++o)
    for (uint64_t i = 0; i < split.size; ++i)
      for (uint64_t n = 0; n < split.inner; ++n) {
        const int64_t given = indices[o * split.inner + n];
        const bool on = static_cast<int64_t>(i) == (given < 0 ? given + depth : given);
        move_bytes(off_on.at(on), y.at(split.at(o, i, n)), y.width());
      }
}

void iota(const Call& call) {
  const Tensor& y = call.out();
  // A long double holds every 64-bit integer.
  const long double start = call.node.f("start"), step = call.node.f("step");
  const size_t axis = static_cast<size_t>(call.node.i("axis"));
  std::vector<long double> values;
  for_each_index(y.dims, [&](const Index& index) {
    values.push_back(start + step * static_cast<long double>(y.rank() == 0 ? 0 : index[axis]));
  });
  store(y, values);
}

void non_zero(const Call& call) {
  const Tensor &x = call.in(0), &indices = call.out(0);
  const uint64_t limit = indices.dim(1);
  std::vector<sdk::Bool> is_set = load<sdk::Bool>(x);
  std::vector<int64_t> coordinates(indices.elements());
  uint64_t element = 0, found = 0;
  for_each_index(x.dims, [&](const Index& index) {
    if (!is_set[element++].value || found == limit) return;
    for (size_t i = 0; i < x.rank(); ++i) coordinates[i * limit + found] = static_cast<int64_t>(index[i]);
    ++found;
  });
  store(indices, coordinates);
  store(call.out(1), std::vector<int64_t>{static_cast<int64_t>(found)});
}

}  // namespace rlx::ref::kernels
