// A command pool with command buffers in it. Used by one thread at a time.
#pragma once

#include "device/device.hpp"

#include <vector>

namespace rlx::vulkan {

class Commands {
 public:
  Commands(Device& device, uint32_t count, VkCommandPoolCreateFlags flags = 0);
  ~Commands();
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;

  VkCommandBuffer operator[](size_t i) const { return buffers_[i]; }
  // Starts recording buffer i anew.
  VkCommandBuffer begin(size_t i, VkCommandBufferUsageFlags usage = 0);
  void end(size_t i);

 private:
  Device& device_;
  VkCommandPool pool_ = VK_NULL_HANDLE;
  std::vector<VkCommandBuffer> buffers_;
};

// What has to be seen by whom. The masks say all there is: memory is named by address, so barriers are of all memory.
struct Scope {
  VkPipelineStageFlags stages;
  VkAccessFlags access;
};
constexpr Scope kShaderWrites{VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT};
constexpr Scope kShader{VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT};
constexpr Scope kCopy{VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_READ_BIT | VK_ACCESS_TRANSFER_WRITE_BIT};
constexpr Scope kEveryone{
    VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT | VK_PIPELINE_STAGE_HOST_BIT,
    VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_READ_BIT |
        VK_ACCESS_TRANSFER_WRITE_BIT | VK_ACCESS_HOST_READ_BIT | VK_ACCESS_HOST_WRITE_BIT};

void barrier(const DeviceFunctions& vk, VkCommandBuffer commands, const Scope& first, const Scope& then);

}  // namespace rlx::vulkan
