#include "commands.hpp"

#include "loader/error.hpp"

namespace rlx::vulkan {

Commands::Commands(Device& device, uint32_t count, VkCommandPoolCreateFlags flags) : device_(device), buffers_(count) {
  VkCommandPoolCreateInfo pool{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
  pool.flags = flags;
  pool.queueFamilyIndex = device.physical().queue_family();
  check(device.vk().vkCreateCommandPool(device.handle(), &pool, nullptr, &pool_), "vkCreateCommandPool");
  VkCommandBufferAllocateInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO};
  info.commandPool = pool_;
  info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
  info.commandBufferCount = count;
  const VkResult result = device.vk().vkAllocateCommandBuffers(device.handle(), &info, buffers_.data());
  if (result == VK_SUCCESS) return;
  device.vk().vkDestroyCommandPool(device.handle(), pool_, nullptr);
  throw error_of(result, "vkAllocateCommandBuffers");
}

Commands::~Commands() {
  device_.vk().vkDestroyCommandPool(device_.handle(), pool_, nullptr);
}

VkCommandBuffer Commands::begin(size_t i, VkCommandBufferUsageFlags usage) {
  VkCommandBufferBeginInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
  info.flags = usage;
  check(device_.vk().vkBeginCommandBuffer(buffers_[i], &info), "vkBeginCommandBuffer");
  return buffers_[i];
}

void Commands::end(size_t i) {
  check(device_.vk().vkEndCommandBuffer(buffers_[i]), "vkEndCommandBuffer");
}

void barrier(const DeviceFunctions& vk, VkCommandBuffer commands, const Scope& first, const Scope& then) {
  VkMemoryBarrier all{VK_STRUCTURE_TYPE_MEMORY_BARRIER};
  all.srcAccessMask = first.access;
  all.dstAccessMask = then.access;
  vk.vkCmdPipelineBarrier(commands, first.stages, then.stages, 0, 1, &all, 0, nullptr, 0, nullptr);
}

}  // namespace rlx::vulkan
