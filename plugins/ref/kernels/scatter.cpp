// Writing by index. Negative indices count from the end; others out of range fail the run. Where an element is hit
// twice, updates apply in row-major order.
//   scatter_add:      y = zeros; y[idx[i]] += updates[i]
//   scatter_elements: y = x; y with i_axis replaced by idx[i…] takes updates[i…]
//   scatter_nd:       y = x; the last axis of idx holds coordinates of blocks of y
#include "kernel.hpp"
#include "move.hpp"
#include "number.hpp"

namespace rlx::ref::kernels {

namespace {

template <typename T>
using Reduction = T (*)(T, T);

// NULL for "none", which replaces.
template <typename T>
Reduction<T> reduction_of(const Call& call) {
  const std::string_view kind = call.node.s("reduction");
  if (kind == "none") return nullptr;
  if (kind == "add") return [](T a, T b) { return add(a, b); };
  if (kind == "mul") return [](T a, T b) { return mul(a, b); };
  if (kind == "max") return [](T a, T b) { return max(a, b); };
  if (kind == "min") return [](T a, T b) { return min(a, b); };
  call.bad_attribute("reduction", kind);
}

// y = x, then element targets[i] of y takes updates[i] for each i.
void scatter(const Call& call, const std::vector<uint64_t>& targets) {
  const Tensor &x = call.in(0), &updates = call.in(2), &y = call.out();
  if (call.node.s("reduction") == "none") {
    move_bytes(x.data, y.data, y.bytes());
    for (size_t i = 0; i < targets.size(); ++i) move_bytes(updates.at(i), y.at(targets[i]), y.width());
    return;
  }
  visit_number(y.dtype, [&](auto number) {
    using T = decltype(number);
    const Reduction<T> reduce = reduction_of<T>(call);
    const std::vector<T> u = load<T>(updates);
    std::vector<T> values = load<T>(x);
    for (size_t i = 0; i < targets.size(); ++i) values[targets[i]] = reduce(values[targets[i]], u[i]);
    store(y, values);
  });
}

}  // namespace

void scatter_add(const Call& call) {
  const Tensor& y = call.out();
  const AxisSplit rows = split_at(y.dims, 0);
  std::vector<uint64_t> indices;
  for (int64_t value : load<int64_t>(call.in(1))) indices.push_back(call.checked_index(value, rows.size));
  visit_sum(y.dtype, [&](auto number) {
    using T = decltype(number);
    const std::vector<T> updates = load<T>(call.in(0));
    std::vector<T> sum(y.elements());
    for (size_t i = 0; i < indices.size(); ++i)
      for (uint64_t n = 0; n < rows.inner; ++n) {
        T& to = sum[indices[i] * rows.inner + n];
        to = add(to, updates[i * rows.inner + n]);
      }
    store(y, sum);
  });
}

void scatter_elements(const Call& call) {
  const Tensor &y = call.out(), &idx = call.in(1);
  const size_t axis = static_cast<size_t>(call.node.i("axis"));
  const std::vector<int64_t> indices = load<int64_t>(idx);
  const Strides strides = row_major(y.dims);
  std::vector<uint64_t> targets;
  for_each_index(idx.dims, [&](const Index& index) {
    uint64_t to = 0;
    for (size_t i = 0; i < y.rank(); ++i) {
      const uint64_t at = i == axis ? call.checked_index(indices[targets.size()], y.dim(axis)) : index[i];
      to += at * static_cast<uint64_t>(strides[i]);
    }
    targets.push_back(to);
  });
  scatter(call, targets);
}

void scatter_nd(const Call& call) {
  const Tensor &y = call.out(), &idx = call.in(1);
  const size_t count = idx.dim(idx.rank() - 1);
  const uint64_t block = count_of(y.dims.subspan(count)), blocks = count_of(idx.dims.first(idx.rank() - 1));
  const std::vector<int64_t> coordinates = load<int64_t>(idx);
  std::vector<uint64_t> targets;
  for (uint64_t n = 0; n < blocks; ++n) {
    uint64_t to = 0;
    for (size_t i = 0; i < count; ++i) to = to * y.dim(i) + call.checked_index(coordinates[n * count + i], y.dim(i));
    for (uint64_t i = 0; i < block; ++i) targets.push_back(to * block + i);
  }
  scatter(call, targets);
}

}  // namespace rlx::ref::kernels
