// sort and top_k along any axis. Bound by std::sort; top_k with a small k reads each element once.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"
#include "kernels/order.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <limits>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 1024;  // elements worth a second thread

struct Order {
  AxisView view;
  uint64_t k;  // elements that stay
  bool descending;
};

// Row `row` of the view: its first k elements in order, as values and indices.
template <typename T>
void order_row(const Order& o, uint64_t row, const std::byte* src, std::byte* values, std::byte* indices,
               std::byte* scratch) {
  const uint64_t outer = row / o.view.inner, column = row % o.view.inner, step = o.view.inner;
  const T* x = reinterpret_cast<const T*>(src) + outer * o.view.n * step + column;
  T* y = reinterpret_cast<T*>(values) + outer * o.k * step + column;
  int64_t* to = reinterpret_cast<int64_t*>(indices) + outer * o.k * step + column;
  auto* items = reinterpret_cast<ItemOf<T>*>(scratch);
  order_items(x, step, o.view.n, o.k, o.descending, items);
  for (uint64_t i = 0; i < o.k; ++i) {
    const uint32_t at = index_of(items[i]);
    y[i * step] = x[at * step];
    to[i * step] = at;
  }
}

using OrderRow = void (*)(const Order&, uint64_t, const std::byte*, std::byte*, std::byte*, std::byte*);

class Sort final : public Kernel {
 public:
  Sort(const NodeView& n, const Order& order) : Kernel("sort:" + std::string(n.op())), order_(order) {
    sdk::visit_dtype(n.in(0).dtype, [&](auto v) {
      if constexpr (!std::is_same_v<decltype(v), sdk::C64>) order_row_ = order_row<decltype(v)>;
    });
  }
  uint64_t scratch_bytes(unsigned threads) const override { return threads * per_thread(); }
  void run(const Run& r) const override {
    if (order_.view.n == 0) return;
    const uint64_t rows = order_.view.outer * order_.view.inner;
    r.team.split(rows, std::max<uint64_t>(1, kGrain / order_.view.n), [&](uint64_t begin, uint64_t end, unsigned part) {
      for (uint64_t i = begin; i < end; ++i)
        order_row_(order_, i, r.inputs[0], r.outputs[0], r.outputs[1], r.scratch + part * per_thread());
    });
  }

 private:
  uint64_t per_thread() const { return (order_.view.n * sizeof(WideItem) + 63) / 64 * 64; }

  Order order_;
  OrderRow order_row_ = nullptr;
};

}  // namespace

Claim claim_sort(const NodeView& n, const CpuInfo&) {
  if (n.in(0).dtype == RLX_DTYPE_C64) return Claim::no(dtype_reason(n.in(0).dtype));
  if (view_axis(n.in(0), n.i("axis")).n > std::numeric_limits<uint32_t>::max())
    return Claim::no("more than 2^32 elements along the axis not supported");
  return Claim::native();
}

std::unique_ptr<Kernel> make_sort(MakeContext& m) {
  const NodeView& n = m.node;
  Order o{view_axis(n.in(0), n.i("axis")), 0, false};
  o.k = n.op() == "top_k" ? static_cast<uint64_t>(n.i("k")) : o.view.n;
  o.descending = n.op() == "top_k" ? n.flag("largest") : n.flag("descending");
  return std::make_unique<Sort>(n, o);
}

}  // namespace rlx::cpu::kernels
