// Memory for arenas, kept between contexts. Blocks come in size classes at most 1/32 apart; a request takes the
// smallest kept block that fits, and only if it wastes little. What is kept is capped in bytes.
#pragma once

#include "host.hpp"

#include <cstdint>
#include <map>
#include <mutex>

namespace rlx::cpu {

struct PoolStats {
  uint64_t in_use = 0;    // bytes
  uint64_t reserved = 0;  // bytes in use and kept
  uint64_t peak = 0;      // most bytes ever in use
  uint64_t cap = 0;       // most bytes that are kept
  uint64_t hits = 0;      // requests served from what was kept (count)
  uint64_t misses = 0;    // count
};

class Pool {
 public:
  explicit Pool(uint64_t cap_bytes) { stats_.cap = cap_bytes; }

  // At least bytes bytes, 64-byte aligned, contents undefined. Threads: any. Throws sdk::Error RESOURCE_EXHAUSTED.
  HostBuffer take(uint64_t bytes);
  // Threads: any.
  void give(HostBuffer block);
  // Frees kept blocks, largest first, until at most keep_bytes are kept. Threads: any.
  void trim(uint64_t keep_bytes);
  PoolStats stats() const;

  // The class that serves a request.
  static uint64_t size_class(uint64_t bytes);

 private:
  void trim_locked(uint64_t keep_bytes);

  mutable std::mutex mutex_;
  std::multimap<uint64_t, HostBuffer> kept_;  // by size
  uint64_t kept_bytes_ = 0;
  PoolStats stats_;
};

// The pool of the one device; its cap is an eighth of the memory that the process may use.
Pool& pool();

}  // namespace rlx::cpu
