// A logical device: one queue, one timeline, the memory and the pipelines. Shared by everything made on it. When the
// driver loses it, it stays lost; the next compile opens another one.
#pragma once

#include "device/physical.hpp"
#include "device/pipelines.hpp"
#include "memory/allocator.hpp"

#include <rlx/sdk/pool.hpp>

#include <atomic>
#include <memory>
#include <mutex>

namespace rlx::vulkan {

class Transfer;

// The driver's device, alone, so that it goes after everything made from it.
class LogicalDevice {
 public:
  explicit LogicalDevice(const PhysicalDevice& physical);
  ~LogicalDevice();
  LogicalDevice(const LogicalDevice&) = delete;
  LogicalDevice& operator=(const LogicalDevice&) = delete;
  VkDevice handle = VK_NULL_HANDLE;
  DeviceFunctions functions;
};

class Device {
 public:
  explicit Device(const PhysicalDevice& physical);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const PhysicalDevice& physical() const { return physical_; }
  const DeviceFunctions& vk() const { return logical_.functions; }
  VkDevice handle() const { return logical_.handle; }
  Pipelines& pipelines() { return pipelines_; }
  Allocator& allocator() { return allocator_; }
  sdk::Pool<Block>& pool(MemoryKind kind) { return kind == MemoryKind::kDevice ? device_pool_ : host_pool_; }
  Transfer& transfer() { return *transfer_; }
  bool lost() const { return lost_; }

  // Hands work to the queue; it runs after everything submitted before. Returns its place on the timeline. Threads:
  // any. Throws DEVICE_LOST.
  uint64_t submit(VkCommandBuffer commands);
  // Waits until the timeline has reached a place. Threads: any. Throws DEADLINE_EXCEEDED, DEVICE_LOST.
  void wait(uint64_t place, uint64_t deadline_ns = RLX_FOREVER);

 private:
  [[noreturn]] void fail(VkResult result, const char* what);

  const PhysicalDevice& physical_;
  LogicalDevice logical_;
  Allocator allocator_;
  Pipelines pipelines_;
  sdk::Pool<Block> device_pool_, host_pool_;
  VkQueue queue_ = VK_NULL_HANDLE;
  VkSemaphore timeline_ = VK_NULL_HANDLE;
  std::mutex queue_mutex_;
  uint64_t submitted_ = 0;  // guarded by queue_mutex_
  std::atomic<bool> lost_{false};
  std::unique_ptr<Transfer> transfer_;  // last: it waits for its copies
};

}  // namespace rlx::vulkan
