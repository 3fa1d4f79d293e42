// libvulkan.so.1, opened at run time, and the instance made with it. Opened once and kept: drivers do not like to be
// unloaded.
#pragma once

#include "functions.hpp"

#include <vector>

namespace rlx::vulkan {

// The versions of Vulkan that a device must speak.
constexpr uint32_t kMinimumVersion = VK_API_VERSION_1_2;

class Instance {
 public:
  // Throws DRIVER_MISSING (no loader, or no driver that it could load) or DRIVER_TOO_OLD.
  Instance();
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const InstanceFunctions& functions() const { return functions_; }
  std::vector<VkPhysicalDevice> physical_devices() const;

 private:
  VkInstance handle_ = VK_NULL_HANDLE;
  InstanceFunctions functions_;
};

}  // namespace rlx::vulkan
