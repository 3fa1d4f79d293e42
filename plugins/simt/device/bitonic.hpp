// Sorting in shared memory. Items are what is sorted: the key of an element and its number in its row, so that no two
// of a row are equal and any sort is stable. Keys of up to 32 bits and the number are one word.
#pragma once

#include "rows.hpp"
#include "sort_key.hpp"

namespace simt {

struct WideItem {
  u64 key, at;
};

template <typename Key>
struct item_type {
  typedef u64 type;
};
template <>
struct item_type<u64> {
  typedef WideItem type;
};
template <typename T>
using item_t = typename item_type<sort_key_t<T>>::type;

SIMT_DEVICE u64 make_item(u32 key, u64 at) {
  return u64{key} << 32 | at;
}
SIMT_DEVICE WideItem make_item(u64 key, u64 at) {
  return WideItem{key, at};
}
SIMT_DEVICE u64 item_at(u64 item) {
  return item & 0xffffffffu;
}
SIMT_DEVICE u64 item_at(const WideItem& item) {
  return item.at;
}
SIMT_DEVICE u32 item_key(u64 item) {
  return static_cast<u32>(item >> 32);
}
SIMT_DEVICE u64 item_key(const WideItem& item) {
  return item.key;
}
SIMT_DEVICE bool item_before(u64 a, u64 b) {
  return a < b;
}
SIMT_DEVICE bool item_before(const WideItem& a, const WideItem& b) {
  return a.key < b.key || (a.key == b.key && a.at < b.at);
}
// Behind the items of every element: no row has so many.
template <typename T>
SIMT_DEVICE item_t<T> last_item() {
  return make_item(static_cast<sort_key_t<T>>(~sort_key_t<T>(0)), u64{0xffffffffu});
}

SIMT_DEVICE u32 power_of_two_from(u32 least) {
  u32 size = 1;
  while (size < least) size *= 2;
  return size;
}

// Sorts count items, a power of two (Batcher, 1968). All of the block calls this after a barrier; another one is its
// last step.
template <typename Item>
SIMT_DEVICE void bitonic_sort(Item* items, u32 count) {
  for (u32 size = 2; size <= count; size *= 2)
    for (u32 stride = size / 2; stride > 0; stride /= 2) {
      for (u32 pair = thread_index(); pair < count / 2; pair += block_size()) {
        const u32 low = 2 * pair - pair % stride, high = low + stride;
        const Item a = items[low], b = items[high];
        if (item_before(b, a) == ((low & size) == 0)) {
          items[low] = b;
          items[high] = a;
        }
      }
      // As long as strides are no longer than a warp, each warp stays in 2 · kWarp items of its own.
      const u32 next = stride > 1 ? stride / 2 : size;
      if (stride > kWarp || next > kWarp)
        barrier();
      else
        warp_barrier();
    }
  barrier();
}

}  // namespace simt
