#include "platform.hpp"

#include "host.hpp"

namespace rlx::vulkan {

namespace {

using Devices = std::vector<std::unique_ptr<rlx_device>>;

// Never destroyed: drivers' threads may outlive static destructors.
struct Found {
  std::mutex mutex;
  std::unique_ptr<Instance> instance;
  Devices devices;
};
Found& found() {
  static Found& instance = *new Found;
  return instance;
}

Devices look(const Instance& instance) {
  const std::vector<VkPhysicalDevice> handles = instance.physical_devices();
  if (handles.empty())
    throw sdk::Error(RLX_UNAVAILABLE, "the Vulkan drivers found no device",
                     "check that the GPU's driver is installed and /dev/dri is accessible; mesa-vulkan-drivers has a "
                     "driver that needs no GPU");
  Devices devices;
  std::string refused;
  for (VkPhysicalDevice handle : handles) {
    auto device = std::make_unique<rlx_device>(instance, handle);
    const std::string& missing = device->physical.missing();
    if (missing.empty()) {
      devices.push_back(std::move(device));
      continue;
    }
    const std::string line = device->physical.name() + " lacks " + missing;
    log(RLX_LOG_INFO, line);
    refused += (refused.empty() ? "" : "; ") + line;
  }
  if (devices.empty()) throw sdk::Error(RLX_DRIVER_TOO_OLD, refused, "update the GPU's driver");
  return devices;
}

}  // namespace

const std::vector<std::unique_ptr<rlx_device>>& devices() {
  Found& f = found();
  const std::lock_guard lock(f.mutex);
  if (!f.devices.empty()) return f.devices;
  auto instance = std::make_unique<Instance>();
  f.devices = look(*instance);
  f.instance = std::move(instance);
  return f.devices;
}

void drain_devices() {
  Found& f = found();
  const std::lock_guard lock(f.mutex);
  for (const auto& device : f.devices) device->drain();
}

}  // namespace rlx::vulkan

std::shared_ptr<rlx::vulkan::Device> rlx_device::open() {
  const std::lock_guard lock(mutex_);
  if (!current_ || current_->lost()) current_ = std::make_shared<rlx::vulkan::Device>(physical);
  return current_;
}

void rlx_device::drain() {
  const std::lock_guard lock(mutex_);
  if (!current_) return;
  current_->vk().vkDeviceWaitIdle(current_->handle());
  current_->pool(rlx::vulkan::MemoryKind::kDevice).trim(0);
  current_->pool(rlx::vulkan::MemoryKind::kHost).trim(0);
}
