// The devices of the machine that can run the shaders. A rlx_device is an entry of this list.
#pragma once

#include "device/device.hpp"

// Valid until the process ends; the logical device in it is opened with the first compile, and again after a loss.
struct rlx_device {
  rlx_device(const rlx::vulkan::Instance& instance, VkPhysicalDevice handle) : physical(instance, handle) {}
  // Threads: any.
  std::shared_ptr<rlx::vulkan::Device> open();
  // Waits for what is in flight and frees what is kept for reuse.
  void drain();

  rlx::vulkan::PhysicalDevice physical;

 private:
  std::mutex mutex_;
  std::shared_ptr<rlx::vulkan::Device> current_;
};

namespace rlx::vulkan {

// Looks for devices when it is called for the first time, and again after a failure. Threads: any. Throws
// DRIVER_MISSING without a loader, UNAVAILABLE without a device, DRIVER_TOO_OLD when no device has what the shaders
// need.
const std::vector<std::unique_ptr<rlx_device>>& devices();

// Drains the devices that were found, if any were looked for.
void drain_devices();

}  // namespace rlx::vulkan
