// Devices with memory of another kind than the driver at hand has: the driver's description of itself is changed, and
// its memory functions are replaced by some that behave so.
#pragma once

#include "runner.hpp"

#include <functional>

namespace tests {

// What the plugin reads of a device's memory.
struct MemoryFacts {
  VkPhysicalDeviceMemoryProperties properties;
  VkPhysicalDeviceLimits limits;
  uint64_t max_allocation_bytes, max_buffer_bytes;
};

// A device of the first one's driver whose memory is described by what change makes of its facts, and whose functions
// are what replace makes of the driver's. Lives until the process ends, as the driver's own description does.
std::shared_ptr<rlx::vulkan::Device> device_with(void (*change)(MemoryFacts&),
                                                 void (*replace)(rlx::vulkan::DeviceFunctions&));

// Memory that the host sees through a cache of its own: what it writes reaches the device when it is flushed, what the
// device writes reaches the host when it is invalidated, and both in whole atoms of 256 bytes, the largest that Vulkan
// allows. A second type is coherent. Ranges that Vulkan does not allow end the test.
std::shared_ptr<rlx::vulkan::Device> non_coherent_device();
// Flushes, or invalidations, are forgotten while this lives: what a plugin without them would do.
class Forgetful {
 public:
  enum class What { kFlush, kInvalidate };
  explicit Forgetful(What what);
  ~Forgetful();
};

// 64 GiB of memory, of which max_allocation_bytes may be had at once, for buffers of up to max_buffer_bytes. It is
// reserved, filled where somebody writes, and zero elsewhere. Copies on the device are made when they are recorded.
std::shared_ptr<rlx::vulkan::Device> large_device(uint64_t max_allocation_bytes,
                                                  uint64_t max_buffer_bytes = UINT64_MAX);

}  // namespace tests
