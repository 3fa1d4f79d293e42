// sort: tiles of a row in shared memory, then runs of twice the length from pass to pass until a run is the row. A
// block merges a tile of the result: two threads find by bisection which part of either run belongs to it.
#pragma once

#include "bitonic.hpp"

namespace simt {

template <typename T>
SIMT_DEVICE item_t<T> element_item(const SortParams& p, u64 row, u64 at) {
  return make_item(sort_key<T>(load<T>(p.x, row_offset(p.part, row, at)), p.descending), at);
}

// Item number `place` of a row's order goes to the next pass, or to the answer if it is kept.
template <typename T>
SIMT_DEVICE void put_item(const SortParams& p, u64 row, u64 place, const item_t<T>& item) {
  if (p.to != 0) {
    reinterpret_cast<item_t<T>*>(p.to)[row * p.items + place] = item;
  } else if (place < p.kept) {
    const i64 to = row_start(row, p.kept, p.part.inner) + static_cast<i64>(place * p.part.inner);
    // The element's own bits: a key has neither the sign of a zero nor what a NaN carries.
    reinterpret_cast<T*>(p.values)[to] = reinterpret_cast<const T*>(p.x)[row_offset(p.part, row, item_at(item))];
    reinterpret_cast<i64*>(p.positions)[to] = static_cast<i64>(item_at(item));
  }
}

// Tiles of part_size elements, a power of two.
template <typename T>
SIMT_DEVICE void sort_tiles(const SortParams& p) {
  item_t<T>* items = shared<item_t<T>>();
  const u32 tile = static_cast<u32>(p.part.part_size);
  for (u64 block = block_index(); block < p.part.rows * p.part.parts; block += grid_size()) {
    const u64 row = block % p.part.rows, first = block / p.part.rows * tile;
    for (u32 i = thread_index(); i < tile; i += block_size())
      items[i] = first + i < p.part.size ? element_item<T>(p, row, first + i) : last_item<T>();
    barrier();
    bitonic_sort(items, tile);
    for (u32 i = thread_index(); i < tile && first + i < p.part.size; i += block_size())
      put_item<T>(p, row, first + i, items[i]);
    barrier();
  }
}

// How many of the first `count` items of two runs together are of the first run.
template <typename Item>
SIMT_DEVICE u64 split_runs(const Item* a, u64 a_size, const Item* b, u64 b_size, u64 count) {
  u64 low = count > b_size ? count - b_size : 0, high = count < a_size ? count : a_size;
  while (low < high) {
    const u64 middle = (low + high) / 2;
    if (item_before(a[middle], b[count - 1 - middle]))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

template <typename T>
SIMT_DEVICE void merge_runs(const SortParams& p) {
  typedef item_t<T> Item;
  const u64 tile = p.part.part_size, size = p.part.size;
  Item* items = shared<Item>();
  u64* splits = reinterpret_cast<u64*>(items + tile);
  for (u64 block = block_index(); block < p.part.rows * p.part.parts; block += grid_size()) {
    const u64 row = block % p.part.rows, first = block / p.part.rows * tile;
    const u64 end = first + tile < size ? first + tile : size;
    const u64 begin = first / (2 * p.run) * (2 * p.run);
    const u64 middle = begin + p.run < size ? begin + p.run : size;
    const u64 close = begin + 2 * p.run < size ? begin + 2 * p.run : size;
    const Item* a = reinterpret_cast<const Item*>(p.from) + row * p.items + begin;
    const Item* b = a + (middle - begin);
    if (thread_index() < 2)
      splits[thread_index()] =
          split_runs(a, middle - begin, b, close - middle, (thread_index() == 0 ? first : end) - begin);
    barrier();
    const u64 a0 = splits[0], b0 = first - begin - a0;
    const u32 a_size = static_cast<u32>(splits[1] - a0), count = static_cast<u32>(end - first);
    for (u32 i = thread_index(); i < count; i += block_size()) items[i] = i < a_size ? a[a0 + i] : b[b0 + (i - a_size)];
    barrier();
    const u32 per_thread = (count + block_size() - 1) / block_size();
    const u32 own = thread_index() * per_thread, own_end = own + per_thread < count ? own + per_thread : count;
    if (own < own_end) {
      u32 at = static_cast<u32>(split_runs<Item>(items, a_size, items + a_size, count - a_size, own));
      u32 other = a_size + own - at;
      for (u32 i = own; i < own_end; ++i) {
        const bool from_a = at < a_size && (other == count || item_before(items[at], items[other]));
        put_item<T>(p, row, first + i, items[from_a ? at++ : other++]);
      }
    }
    barrier();
  }
}

}  // namespace simt
