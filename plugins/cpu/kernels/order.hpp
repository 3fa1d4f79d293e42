// The elements of a row in order: unsigned keys whose order is the wanted one (NaN last, or first when descending) with
// the index below the key, so that equal elements keep their order and the sort needs no extra memory.
#pragma once

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace rlx::cpu {

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
template <typename T>
using ItemOf = std::conditional_t<sizeof(key_of(T{})) == 4, uint64_t, WideItem>;

inline uint64_t make_item(uint32_t key, uint32_t index) {
  return uint64_t{key} << 32 | index;
}
inline WideItem make_item(uint64_t key, uint32_t index) {
  return {key, index};
}
inline uint32_t index_of(uint64_t item) {
  return static_cast<uint32_t>(item);
}
inline uint32_t index_of(const WideItem& item) {
  return item.index;
}

// The first k of the n elements that are step apart become the first k items, in order. items: room for n.
template <typename T>
void order_items(const T* x, uint64_t step, uint64_t n, uint64_t k, bool descending, ItemOf<T>* items) {
  constexpr uint64_t kHeapShare = 16;  // a heap pays for k up to this part of n
  using Key = decltype(key_of(T{}));
  const auto item = [&](uint64_t i) {
    const Key key = key_of(x[i * step]);
    return make_item(static_cast<Key>(descending ? ~key : key), static_cast<uint32_t>(i));
  };
  if (k > 0 && k <= n / kHeapShare) {
    for (uint64_t i = 0; i < k; ++i) items[i] = item(i);
    std::make_heap(items, items + k);
    for (uint64_t i = k; i < n; ++i) {
      const ItemOf<T> next = item(i);
      if (!(next < items[0])) continue;
      std::pop_heap(items, items + k);
      items[k - 1] = next;
      std::push_heap(items, items + k);
    }
    std::sort_heap(items, items + k);
  } else {
    for (uint64_t i = 0; i < n; ++i) items[i] = item(i);
    if (k < n) std::nth_element(items, items + k, items + n);
    std::sort(items, items + k);
  }
}

}  // namespace rlx::cpu
