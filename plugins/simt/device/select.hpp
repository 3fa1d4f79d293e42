// top_k of rows that are long for k: a block for each part of a row collects the elements that come before the last of
// the k first that it knows, and sorts what it has whenever there is no room. After a few rounds nearly no element
// does.
#pragma once

#include "sort.hpp"

namespace simt {

// The first `kept` of the items source(first … end − 1) are the first of queue then, in order; missing ones are
// last_item. queue: kSelectQueue items and a word, in shared memory.
template <typename T, typename Source>
SIMT_DEVICE void select_items(u32 kept, u64 first, u64 end, Source source, item_t<T>* queue) {
  constexpr u32 kSteps = 4;
  const u32 step = block_size() * kSteps;
  u32* waiting = reinterpret_cast<u32*>(queue + kSelectQueue);
  for (u32 i = thread_index(); i < kept; i += block_size()) queue[i] = last_item<T>();
  if (thread_index() == 0) *waiting = 0;
  item_t<T> limit = last_item<T>();
  for (u64 base = first; base < end; base += step) {
    barrier();
    SIMT_UNROLL
    for (u32 i = 0; i < kSteps; ++i) {
      const u64 at = base + i * block_size() + thread_index();
      if (at >= end) continue;
      const item_t<T> item = source(at);
      if (item_before(item, limit)) queue[kept + atomic_add(waiting, u32(1))] = item;
    }
    barrier();
    const u32 count = kept + *waiting;
    if (count + step <= kSelectQueue && base + step < end) continue;
    const u32 sorted = power_of_two_from(count);
    for (u32 i = count + thread_index(); i < sorted; i += block_size()) queue[i] = last_item<T>();
    barrier();
    if (thread_index() == 0) *waiting = 0;
    bitonic_sort(queue, sorted);
    limit = queue[kept - 1];
  }
  barrier();
}

// From the elements: the answer with one part, otherwise the items of each part.
template <typename T>
SIMT_DEVICE void select_elements(const SortParams& p) {
  item_t<T>* queue = shared<item_t<T>>();
  for (u64 block = block_index(); block < p.part.rows * p.part.parts; block += grid_size()) {
    const u64 row = block % p.part.rows, part = block / p.part.rows;
    select_items<T>(
        static_cast<u32>(p.kept), part * p.part.part_size, part_end(p.part, part),
        [&](u64 at) { return element_item<T>(p, row, at); }, queue);
    for (u64 i = thread_index(); i < p.kept; i += block_size())
      if (p.part.parts > 1)
        reinterpret_cast<item_t<T>*>(p.part.partial)[(row * p.part.parts + part) * p.kept + i] = queue[i];
      else
        put_item<T>(p, row, i, queue[i]);
    barrier();
  }
}

// From the items of all parts.
template <typename T>
SIMT_DEVICE void select_join(const SortParams& p) {
  item_t<T>* queue = shared<item_t<T>>();
  for (u64 row = block_index(); row < p.part.rows; row += grid_size()) {
    const u64 count = p.part.parts * p.kept;
    const item_t<T>* items = reinterpret_cast<const item_t<T>*>(p.part.partial) + row * count;
    select_items<T>(
        static_cast<u32>(p.kept), 0, count, [&](u64 at) { return items[at]; }, queue);
    for (u64 i = thread_index(); i < p.kept; i += block_size()) put_item<T>(p, row, i, queue[i]);
    barrier();
  }
}

}  // namespace simt
