#include "other_memory.hpp"

#include <algorithm>

namespace tests {

namespace {

using rlx::vulkan::DeviceFunctions;
using rlx::vulkan::InstanceFunctions;
using rlx::vulkan::PhysicalDevice;

InstanceFunctions real;
void (*change_facts)(MemoryFacts&) = nullptr;

// The facts as the driver tells them, changed. Vulkan tells them by two functions.
MemoryFacts facts_of(VkPhysicalDevice device) {
  VkPhysicalDeviceMaintenance3Properties maintenance{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES};
  VkPhysicalDeviceProperties2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &maintenance, {}};
  VkPhysicalDeviceMemoryProperties2 memory{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2};
  real.vkGetPhysicalDeviceProperties2(device, &all);
  real.vkGetPhysicalDeviceMemoryProperties2(device, &memory);
  MemoryFacts facts{memory.memoryProperties, all.properties.limits, maintenance.maxMemoryAllocationSize, UINT64_MAX};
  change_facts(facts);
  return facts;
}

VKAPI_ATTR void VKAPI_CALL tell_memory(VkPhysicalDevice device, VkPhysicalDeviceMemoryProperties2* out) {
  real.vkGetPhysicalDeviceMemoryProperties2(device, out);
  out->memoryProperties = facts_of(device).properties;
}

VKAPI_ATTR void VKAPI_CALL tell_limits(VkPhysicalDevice device, VkPhysicalDeviceProperties2* out) {
  real.vkGetPhysicalDeviceProperties2(device, out);
  const MemoryFacts facts = facts_of(device);
  out->properties.limits = facts.limits;
  for (auto* next = static_cast<VkBaseOutStructure*>(out->pNext); next; next = next->pNext) {
    if (next->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES)
      reinterpret_cast<VkPhysicalDeviceMaintenance3Properties*>(next)->maxMemoryAllocationSize =
          facts.max_allocation_bytes;
    if (next->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES)
      reinterpret_cast<VkPhysicalDeviceMaintenance4Properties*>(next)->maxBufferSize = facts.max_buffer_bytes;
  }
}

}  // namespace

std::shared_ptr<rlx::vulkan::Device> device_with(void (*change)(MemoryFacts&), void (*replace)(DeviceFunctions&)) {
  static std::vector<std::unique_ptr<PhysicalDevice>> described;
  const PhysicalDevice& found = vulkan_device().physical;
  if (found.properties().deviceType != VK_PHYSICAL_DEVICE_TYPE_CPU || found.memory().memoryTypeCount != 1)
    RLX_SKIP("other memory is made of that of a driver that runs on the CPU");
  auto& functions = const_cast<InstanceFunctions&>(found.instance().functions());
  real = functions;
  change_facts = change;
  functions.vkGetPhysicalDeviceMemoryProperties2 = tell_memory;
  functions.vkGetPhysicalDeviceProperties2 = tell_limits;
  described.push_back(std::make_unique<PhysicalDevice>(found.instance(), found.handle()));
  functions = real;
  auto device = std::make_shared<rlx::vulkan::Device>(*described.back());
  replace(const_cast<DeviceFunctions&>(device->vk()));
  return device;
}

}  // namespace tests
