// Memory that is address space with pages where somebody writes. The shaders of a driver that runs on the CPU see it by
// its address, as they see the driver's own; buffers only stand for it.
#include "other_memory.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace tests {

namespace {

using rlx::vulkan::DeviceFunctions;

constexpr uint64_t kHeap = uint64_t{64} << 30, kSmall = 256;

struct Buffer {
  uint64_t bytes;
  std::byte* at = nullptr;
};

DeviceFunctions real;
uint64_t max_allocation = 0, max_buffer = 0;
std::map<VkBuffer, Buffer> buffers;
std::map<VkDeviceMemory, uint64_t> sizes;  // the handle is the address

void describe(MemoryFacts& facts) {
  facts.properties.memoryHeaps[0].size = kHeap;
  facts.max_allocation_bytes = max_allocation;
  facts.max_buffer_bytes = max_buffer;
}

VKAPI_ATTR VkResult VKAPI_CALL create_buffer(VkDevice device, const VkBufferCreateInfo* info,
                                             const VkAllocationCallbacks* callbacks, VkBuffer* out) {
  if (info->size > max_buffer) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  VkBufferCreateInfo small = *info;
  small.size = kSmall;
  const VkResult result = real.vkCreateBuffer(device, &small, callbacks, out);
  if (result == VK_SUCCESS) buffers[*out] = {info->size};
  return result;
}
VKAPI_ATTR void VKAPI_CALL destroy_buffer(VkDevice device, VkBuffer buffer, const VkAllocationCallbacks* callbacks) {
  buffers.erase(buffer);
  real.vkDestroyBuffer(device, buffer, callbacks);
}
VKAPI_ATTR void VKAPI_CALL requirements(VkDevice device, VkBuffer buffer, VkMemoryRequirements* out) {
  real.vkGetBufferMemoryRequirements(device, buffer, out);
  out->size = buffers.at(buffer).bytes;
}

VKAPI_ATTR VkResult VKAPI_CALL allocate(VkDevice, const VkMemoryAllocateInfo* info, const VkAllocationCallbacks*,
                                        VkDeviceMemory* out) {
  if (info->allocationSize > max_allocation) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  void* const memory =
      mmap(nullptr, info->allocationSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return VK_ERROR_OUT_OF_DEVICE_MEMORY;
  *out = reinterpret_cast<VkDeviceMemory>(memory);
  sizes[*out] = info->allocationSize;
  return VK_SUCCESS;
}
VKAPI_ATTR void VKAPI_CALL release(VkDevice, VkDeviceMemory memory, const VkAllocationCallbacks*) {
  if (memory == VK_NULL_HANDLE) return;
  munmap(reinterpret_cast<void*>(memory), sizes.at(memory));
  sizes.erase(memory);
}
VKAPI_ATTR VkResult VKAPI_CALL bind(VkDevice, VkBuffer buffer, VkDeviceMemory memory, VkDeviceSize offset) {
  buffers.at(buffer).at = reinterpret_cast<std::byte*>(memory) + offset;
  return VK_SUCCESS;
}
VKAPI_ATTR VkResult VKAPI_CALL map(VkDevice, VkDeviceMemory memory, VkDeviceSize offset, VkDeviceSize, VkMemoryMapFlags,
                                   void** out) {
  *out = reinterpret_cast<std::byte*>(memory) + offset;
  return VK_SUCCESS;
}
VKAPI_ATTR VkDeviceAddress VKAPI_CALL address(VkDevice, const VkBufferDeviceAddressInfo* info) {
  return reinterpret_cast<VkDeviceAddress>(buffers.at(info->buffer).at);
}

std::byte* inside(VkBuffer buffer, uint64_t offset, uint64_t bytes) {
  const Buffer& b = buffers.at(buffer);
  REQUIRE(offset <= b.bytes);
  REQUIRE(bytes <= b.bytes - offset);
  return b.at + offset;
}
VKAPI_ATTR void VKAPI_CALL copy(VkCommandBuffer, VkBuffer from, VkBuffer to, uint32_t count,
                                const VkBufferCopy* regions) {
  for (uint32_t i = 0; i < count; ++i)
    std::memcpy(inside(to, regions[i].dstOffset, regions[i].size), inside(from, regions[i].srcOffset, regions[i].size),
                regions[i].size);
}
VKAPI_ATTR void VKAPI_CALL fill(VkCommandBuffer, VkBuffer to, VkDeviceSize offset, VkDeviceSize bytes, uint32_t value) {
  REQUIRE(value == 0);
  std::byte* const at = inside(to, offset, bytes);
  // Whole pages are given back, and come as zeros if they are needed again.
  constexpr uint64_t kPage = 4096;
  const uint64_t before = std::min(bytes, (kPage - offset % kPage) % kPage), pages = (bytes - before) / kPage * kPage;
  std::memset(at, 0, before);
  if (pages) REQUIRE(madvise(at + before, pages, MADV_DONTNEED) == 0);
  std::memset(at + before + pages, 0, bytes - before - pages);
}

void replace(DeviceFunctions& functions) {
  real = functions;
  functions.vkCreateBuffer = create_buffer;
  functions.vkDestroyBuffer = destroy_buffer;
  functions.vkGetBufferMemoryRequirements = requirements;
  functions.vkAllocateMemory = allocate;
  functions.vkFreeMemory = release;
  functions.vkBindBufferMemory = bind;
  functions.vkMapMemory = map;
  functions.vkGetBufferDeviceAddress = address;
  functions.vkCmdCopyBuffer = copy;
  functions.vkCmdFillBuffer = fill;
}

}  // namespace

std::shared_ptr<rlx::vulkan::Device> large_device(uint64_t max_allocation_bytes, uint64_t max_buffer_bytes) {
  max_allocation = max_allocation_bytes;
  max_buffer = max_buffer_bytes;
  return device_with(describe, replace);
}

}  // namespace tests
