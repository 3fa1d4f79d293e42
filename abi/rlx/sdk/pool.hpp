// Memory for arenas, kept between contexts. Blocks come in size classes at most 1/32 apart; a request takes the
// smallest kept block that fits, and only if it wastes little. What is kept is capped in bytes.
//
// Block owns memory and frees it when it goes: movable, data(), bytes(), false when empty.
#pragma once

#include <rlx/sdk/error.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <utility>

namespace rlx::sdk {

struct PoolStats {
  uint64_t in_use = 0;    // bytes
  uint64_t reserved = 0;  // bytes in use and kept
  uint64_t peak = 0;      // most bytes ever in use
  uint64_t cap = 0;       // most bytes that are kept
  uint64_t hits = 0;      // requests served from what was kept (count)
  uint64_t misses = 0;    // count
};

template <typename Block>
class Pool {
 public:
  using block_type = Block;

  // make allocates a block of so many bytes and throws Error RESOURCE_EXHAUSTED when there are none.
  Pool(uint64_t cap_bytes, std::function<Block(uint64_t)> make) : make_(std::move(make)) { stats_.cap = cap_bytes; }

  // At least bytes bytes, contents undefined. Threads: any. Throws what make throws, after it freed what was kept.
  Block take(uint64_t bytes) {
    const uint64_t size = size_class(bytes);
    {
      const std::lock_guard lock(mutex_);
      const auto it = kept_.lower_bound(size);
      // A block more than a quarter too large is left for the request it fits.
      if (it != kept_.end() && it->first <= size + size / 4) {
        Block block = std::move(it->second);
        kept_bytes_ -= block.bytes();
        kept_.erase(it);
        ++stats_.hits;
        count_use(block.bytes());
        return block;
      }
    }
    Block block = allocate(size);
    const std::lock_guard lock(mutex_);
    ++stats_.misses;
    stats_.reserved += block.bytes();
    count_use(block.bytes());
    return block;
  }

  // A block of so many bytes that the pool neither counts nor gets back: weights. Threads: any. Throws as take does.
  Block allocate(uint64_t bytes) {
    try {
      return make_(bytes);
    } catch (const Error& e) {
      if (e.code != RLX_RESOURCE_EXHAUSTED) throw;
      trim(0);
      return make_(bytes);
    }
  }

  // Threads: any.
  void give(Block block) noexcept {
    if (!block) return;
    const std::lock_guard lock(mutex_);
    const uint64_t size = block.bytes();
    stats_.in_use -= size;
    if (size > stats_.cap) {
      stats_.reserved -= size;
      return;
    }
    trim_locked(stats_.cap - size);
    try {
      kept_.emplace(size, std::move(block));
      kept_bytes_ += size;
    } catch (const std::bad_alloc&) {  // no memory to remember the block: free it
      stats_.reserved -= size;
    }
  }

  // Frees kept blocks, largest first, until at most keep_bytes are kept. Threads: any.
  void trim(uint64_t keep_bytes) {
    const std::lock_guard lock(mutex_);
    trim_locked(keep_bytes);
  }

  PoolStats stats() const {
    const std::lock_guard lock(mutex_);
    return stats_;
  }

  // The class that serves a request.
  static uint64_t size_class(uint64_t bytes) {
    constexpr uint64_t kSmallest = 4096;
    const uint64_t size = std::max(bytes, kSmallest);
    const uint64_t step = std::bit_floor(size) / 32;
    return (size + step - 1) / step * step;
  }
  // The largest class of at most so many bytes, 32 or more.
  static uint64_t class_within(uint64_t bytes) {
    const uint64_t step = std::bit_floor(bytes) / 32;
    return bytes / step * step;
  }

 private:
  void count_use(uint64_t bytes) {
    stats_.in_use += bytes;
    stats_.peak = std::max(stats_.peak, stats_.in_use);
  }
  void trim_locked(uint64_t keep_bytes) {
    while (kept_bytes_ > keep_bytes) {
      const auto largest = std::prev(kept_.end());
      kept_bytes_ -= largest->first;
      stats_.reserved -= largest->first;
      kept_.erase(largest);
    }
  }

  std::function<Block(uint64_t)> make_;
  mutable std::mutex mutex_;
  std::multimap<uint64_t, Block> kept_;  // by size
  uint64_t kept_bytes_ = 0;
  PoolStats stats_;
};

// A block that goes back to its pool, which outlives it, also when an exception passes by.
template <typename Pool>
class Pooled {
 public:
  Pooled() = default;
  Pooled(Pool& pool, uint64_t bytes) : pool_(&pool), block_(pool.take(bytes)) {}
  Pooled(Pooled&& o) noexcept { *this = std::move(o); }
  Pooled& operator=(Pooled&& o) noexcept {
    std::swap(pool_, o.pool_);
    std::swap(block_, o.block_);
    return *this;
  }
  ~Pooled() {
    if (pool_) pool_->give(std::move(block_));
  }
  auto data() const { return block_.data(); }
  const typename Pool::block_type& get() const { return block_; }
  uint64_t bytes() const { return block_.bytes(); }
  explicit operator bool() const { return static_cast<bool>(block_); }

 private:
  Pool* pool_ = nullptr;
  typename Pool::block_type block_;
};

// What an arena says about the pool it came from.
inline void describe(const PoolStats& p, rlx_arena_stats& out) {
  out.valid |= RLX_ARENA_HAS_IN_USE | RLX_ARENA_HAS_RESERVED | RLX_ARENA_HAS_PEAK | RLX_ARENA_HAS_POOL;
  out.pool_in_use = p.in_use;
  out.pool_reserved = p.reserved;
  out.pool_peak = p.peak;
  out.pool_cap = p.cap;
  out.pool_hits = p.hits;
  out.pool_misses = p.misses;
}

}  // namespace rlx::sdk
