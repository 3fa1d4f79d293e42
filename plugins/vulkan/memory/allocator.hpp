// Makes blocks and keeps count: no more is asked of a device than its heap has.
#pragma once

#include "block.hpp"
#include "device/physical.hpp"
#include "device/settings.hpp"

#include <atomic>

namespace rlx::vulkan {

class Allocator {
 public:
  Allocator(const PhysicalDevice& physical, const DeviceFunctions& functions, VkDevice device,
            const Settings& settings);

  // Contents are undefined; bytes is rounded up. Threads: any. Throws RESOURCE_EXHAUSTED with the limit that was met.
  Block allocate(uint64_t bytes, MemoryKind kind);
  // The most that one block may have.
  uint64_t max_block_bytes() const { return max_block_; }
  uint64_t limit_bytes() const { return limit_; }

 private:
  friend class Block;
  void choose_types();
  void reserve(uint64_t bytes, MemoryKind kind);

  const PhysicalDevice& physical_;
  const DeviceFunctions& vk_;
  VkDevice device_;
  bool staging_;
  uint64_t limit_, max_block_;
  uint32_t device_type_ = 0, host_type_ = 0;
  std::atomic<uint64_t> allocated_{0};
};

}  // namespace rlx::vulkan
