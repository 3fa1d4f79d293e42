// The arenas' memory, kept between contexts; sdk/pool.hpp says how.
#pragma once

#include "host.hpp"

#include <rlx/sdk/pool.hpp>

#include <cstring>

namespace rlx::cpu {

class Pool : public sdk::Pool<HostBuffer> {
 public:
  explicit Pool(uint64_t cap_bytes)
      : sdk::Pool<HostBuffer>(cap_bytes, [](uint64_t bytes) { return HostBuffer(bytes); }) {}

  // Threads: any.
  void give(HostBuffer block) noexcept {
#ifndef NDEBUG
    if (block) std::memset(block.data(), 0xcb, block.bytes());  // a use after this shows as -2.6e7 or so
#endif
    sdk::Pool<HostBuffer>::give(std::move(block));
  }
};

using PoolBlock = sdk::Pooled<Pool>;

// The pool of the one device; its cap is an eighth of the memory that the process may use.
Pool& pool();

}  // namespace rlx::cpu
