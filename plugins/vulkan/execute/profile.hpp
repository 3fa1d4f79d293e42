// Timestamps around the dispatches of one run. Made when a context is profiled for the first time.
#pragma once

#include "device/device.hpp"

#include <vector>

namespace rlx::vulkan {

class Profile {
 public:
  // Throws UNIMPLEMENTED on queues without timestamps.
  Profile(Device& device, uint32_t dispatches);
  ~Profile();
  Profile(const Profile&) = delete;
  Profile& operator=(const Profile&) = delete;

  // While a run is recorded: once at its start and once after each dispatch.
  void mark(VkCommandBuffer commands);
  // Nanoseconds of each dispatch, when the run has ended.
  std::vector<uint64_t> times() const;

 private:
  Device& device_;
  VkQueryPool pool_ = VK_NULL_HANDLE;
  uint32_t count_, next_ = 0;
};

}  // namespace rlx::vulkan
