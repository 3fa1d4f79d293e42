// sort and top_k along any axis. Elements become unsigned keys whose order is the wanted one (NaN last, or first when
// descending) with the index below the key: equal elements keep their order and the sort needs no extra memory.
// Bound by std::sort; top_k with a small k reads each element once.
#include "kernel.hpp"
#include "kernels/axis_view.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>

namespace rlx::cpu::kernels {

namespace {

constexpr uint64_t kGrain = 1024;    // elements worth a second thread
constexpr uint64_t kHeapShare = 16;  // a heap pays for k up to this part of n

// Smaller keys come first in ascending order.
template <typename T>
auto key_of(T x) {
  if constexpr (std::is_same_v<T, sdk::F16> || std::is_same_v<T, sdk::BF16>) {
    return key_of(sdk::cast_to<float>(x));
  } else if constexpr (std::is_same_v<T, sdk::Bool>) {
    return static_cast<uint32_t>(x.value);
  } else if constexpr (std::is_floating_point_v<T>) {
    using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
    constexpr Bits kSign = Bits{1} << (sizeof(T) * 8 - 1);
    if (x != x) return std::numeric_limits<Bits>::max();
    const Bits bits = std::bit_cast<Bits>(x == 0 ? T{0} : x);
    return bits & kSign ? static_cast<Bits>(~bits) : static_cast<Bits>(bits | kSign);
  } else if constexpr (sizeof(T) == 8) {
    return static_cast<uint64_t>(x) ^ (std::is_signed_v<T> ? uint64_t{1} << 63 : 0);
  } else {
    return static_cast<uint32_t>(static_cast<int64_t>(x) - std::numeric_limits<T>::min());
  }
}

struct WideItem {
  uint64_t key;
  uint32_t index;
  bool operator<(const WideItem& o) const { return key != o.key ? key < o.key : index < o.index; }
};
// 32-bit keys and their index are one number.
template <typename Key>
using ItemOf = std::conditional_t<sizeof(Key) == 4, uint64_t, WideItem>;

uint64_t make_item(uint32_t key, uint32_t index) {
  return uint64_t{key} << 32 | index;
}
WideItem make_item(uint64_t key, uint32_t index) {
  return {key, index};
}
uint32_t index_of(uint64_t item) {
  return static_cast<uint32_t>(item);
}
uint32_t index_of(const WideItem& item) {
  return item.index;
}

struct Order {
  AxisView view;
  uint64_t k;  // elements that stay
  bool descending;
};

// Row `row` of the view: its first k elements in order, as values and indices.
template <typename T>
void order_row(const Order& o, uint64_t row, const std::byte* src, std::byte* values, std::byte* indices,
               std::byte* scratch) {
  using Key = decltype(key_of(T{}));
  using Item = ItemOf<Key>;
  const uint64_t outer = row / o.view.inner, column = row % o.view.inner, step = o.view.inner;
  const T* x = reinterpret_cast<const T*>(src) + outer * o.view.n * step + column;
  T* y = reinterpret_cast<T*>(values) + outer * o.k * step + column;
  int64_t* to = reinterpret_cast<int64_t*>(indices) + outer * o.k * step + column;
  Item* items = reinterpret_cast<Item*>(scratch);
  const auto item = [&](uint64_t i) {
    const Key key = key_of(x[i * step]);
    return make_item(static_cast<Key>(o.descending ? ~key : key), static_cast<uint32_t>(i));
  };
  const uint64_t n = o.view.n;
  if (o.k > 0 && o.k <= n / kHeapShare) {
    for (uint64_t i = 0; i < o.k; ++i) items[i] = item(i);
    std::make_heap(items, items + o.k);
    for (uint64_t i = o.k; i < n; ++i) {
      const Item next = item(i);
      if (!(next < items[0])) continue;
      std::pop_heap(items, items + o.k);
      items[o.k - 1] = next;
      std::push_heap(items, items + o.k);
    }
    std::sort_heap(items, items + o.k);
  } else {
    for (uint64_t i = 0; i < n; ++i) items[i] = item(i);
    if (o.k < n) std::nth_element(items, items + o.k, items + n);
    std::sort(items, items + o.k);
  }
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
