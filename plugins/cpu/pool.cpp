// Best fit over size classes.
#include "pool.hpp"

#include "memory_info.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rlx::cpu {

uint64_t Pool::size_class(uint64_t bytes) {
  constexpr uint64_t kSmallest = 4096;
  const uint64_t size = std::max(bytes, kSmallest);
  const uint64_t step = std::bit_floor(size) / 32;
  return (size + step - 1) / step * step;
}

HostBuffer Pool::take(uint64_t bytes) {
  const uint64_t size = size_class(bytes);
  {
    const std::lock_guard lock(mutex_);
    const auto it = kept_.lower_bound(size);
    // A block more than a quarter too large is left for the request it fits.
    if (it != kept_.end() && it->first <= size + size / 4) {
      HostBuffer block = std::move(it->second);
      kept_bytes_ -= block.bytes();
      kept_.erase(it);
      ++stats_.hits;
      stats_.in_use += block.bytes();
      stats_.peak = std::max(stats_.peak, stats_.in_use);
      return block;
    }
  }
  HostBuffer block;
  try {
    block = HostBuffer(size);
  } catch (const sdk::Error&) {
    trim(0);
    block = HostBuffer(size);
  }
  const std::lock_guard lock(mutex_);
  ++stats_.misses;
  stats_.in_use += size;
  stats_.reserved += size;
  stats_.peak = std::max(stats_.peak, stats_.in_use);
  return block;
}

void Pool::give(HostBuffer block) {
  if (!block) return;
#ifndef NDEBUG
  std::memset(block.data(), 0xcb, block.bytes());  // a use after this shows as -2.6e7 or so
#endif
  const std::lock_guard lock(mutex_);
  const uint64_t size = block.bytes();
  stats_.in_use -= size;
  if (size > stats_.cap) {
    stats_.reserved -= size;
    return;
  }
  trim_locked(stats_.cap - size);
  kept_bytes_ += size;
  kept_.emplace(size, std::move(block));
}

void Pool::trim(uint64_t keep_bytes) {
  const std::lock_guard lock(mutex_);
  trim_locked(keep_bytes);
}

void Pool::trim_locked(uint64_t keep_bytes) {
  while (kept_bytes_ > keep_bytes) {
    const auto largest = std::prev(kept_.end());
    kept_bytes_ -= largest->first;
    stats_.reserved -= largest->first;
    kept_.erase(largest);
  }
}

PoolStats Pool::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

Pool& pool() {
  static Pool& instance = *new Pool(read_memory_info().budget / 8);  // outlives every context, so never destroyed
  return instance;
}

}  // namespace rlx::cpu
