#include "device.hpp"

#include "host.hpp"
#include "loader/error.hpp"
#include "memory/transfer.hpp"

namespace rlx::vulkan {

namespace {

// "" where the user allows none.
std::string cache_directory() {
  rlx_str path{};
  rlx_status* const status = host().cache_dir(host().ctx, &path);
  host().status_release(host().ctx, status);
  return status ? std::string() : std::string(sdk::view(path));
}

}  // namespace

LogicalDevice::LogicalDevice(const PhysicalDevice& physical) {
  const InstanceFunctions& vk = physical.instance().functions();
  const float priority = 1;
  VkDeviceQueueCreateInfo queue{VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
  queue.queueFamilyIndex = physical.queue_family();
  queue.queueCount = 1;
  queue.pQueuePriorities = &priority;
  Features features;
  features.require_all();
  std::vector<const char*> extensions;
  if (const MatrixUnits& units = physical.matrix_units(); !units.shapes.empty()) {
    features.require_matrix_units(units.emulated);
    if (!units.emulated)
      extensions = {VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME};
  }
  VkDeviceCreateInfo info{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO, &features.core};
  info.queueCreateInfoCount = 1;
  info.pQueueCreateInfos = &queue;
  info.enabledExtensionCount = static_cast<uint32_t>(extensions.size());
  info.ppEnabledExtensionNames = extensions.data();
  const VkResult result = vk.vkCreateDevice(physical.handle(), &info, nullptr, &handle);
  if (result != VK_SUCCESS) throw error_of(result, physical.name() + ": vkCreateDevice");
  functions.load(vk, handle);
}

LogicalDevice::~LogicalDevice() {
  functions.vkDestroyDevice(handle, nullptr);
}

Device::Device(const PhysicalDevice& physical)
    : physical_(physical),
      logical_(physical),
      allocator_(physical, logical_.functions, logical_.handle, Settings::read()),
      pipelines_(logical_.functions, logical_.handle, CacheFile(cache_directory(), physical.properties())),
      device_pool_(allocator_.limit_bytes() / 8,
                   [this](uint64_t bytes) { return allocator_.allocate(bytes, MemoryKind::kDevice); }),
      host_pool_(uint64_t{1} << 20, [this](uint64_t bytes) { return allocator_.allocate(bytes, MemoryKind::kHost); }) {
  vk().vkGetDeviceQueue(handle(), physical.queue_family(), 0, &queue_);
  VkSemaphoreTypeCreateInfo type{VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO};
  type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
  VkSemaphoreCreateInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, &type};
  check(vk().vkCreateSemaphore(handle(), &info, nullptr, &timeline_), "vkCreateSemaphore");
  transfer_ = std::make_unique<Transfer>(*this);
}

Device::~Device() {
  // Nobody is left who could be told of a failure here.
  vk().vkDeviceWaitIdle(handle());
  transfer_.reset();
  vk().vkDestroySemaphore(handle(), timeline_, nullptr);
}

void Device::fail(VkResult result, const char* what) {
  if (result == VK_ERROR_DEVICE_LOST) lost_ = true;
  throw error_of(result, physical_.name() + ": " + what);
}

uint64_t Device::submit(VkCommandBuffer commands) {
  const std::lock_guard lock(queue_mutex_);
  if (lost_) fail(VK_ERROR_DEVICE_LOST, "vkQueueSubmit");
  const uint64_t place = submitted_ + 1;
  VkTimelineSemaphoreSubmitInfo timeline{VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO};
  timeline.signalSemaphoreValueCount = 1;
  timeline.pSignalSemaphoreValues = &place;
  VkSubmitInfo info{VK_STRUCTURE_TYPE_SUBMIT_INFO, &timeline};
  info.commandBufferCount = 1;
  info.pCommandBuffers = &commands;
  info.signalSemaphoreCount = 1;
  info.pSignalSemaphores = &timeline_;
  const VkResult result = vk().vkQueueSubmit(queue_, 1, &info, VK_NULL_HANDLE);
  if (result != VK_SUCCESS) fail(result, "vkQueueSubmit");
  submitted_ = place;
  return place;
}

void Device::wait(uint64_t place, uint64_t deadline_ns) {
  if (place == 0) return;
  if (lost_) fail(VK_ERROR_DEVICE_LOST, "vkWaitSemaphores");
  VkSemaphoreWaitInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO};
  info.semaphoreCount = 1;
  info.pSemaphores = &timeline_;
  info.pValues = &place;
  const VkResult result = vk().vkWaitSemaphores(handle(), &info, deadline_ns);
  if (result != VK_SUCCESS) fail(result, "vkWaitSemaphores");
}

}  // namespace rlx::vulkan
