// Choosing memory types, allocating, mapping.
#include "allocator.hpp"

#include "loader/error.hpp"

#include <algorithm>

namespace rlx::vulkan {

namespace {

using sdk::Error;

constexpr uint64_t kGranule = 256;
constexpr uint32_t kNoType = UINT32_MAX;

uint64_t align_up(uint64_t n, uint64_t to) {
  return (n + to - 1) / to * to;
}

}  // namespace

Allocator::Allocator(const PhysicalDevice& physical, const DeviceFunctions& functions, VkDevice device,
                     const Settings& settings)
    : physical_(physical), vk_(functions), device_(device), staging_(settings.staging) {
  const uint64_t heap = physical.memory().memoryHeaps[device_heap(physical.memory())].size;
  limit_ = settings.memory_limit_bytes ? std::min(settings.memory_limit_bytes, heap) : heap;
  max_block_ = std::min(physical.max_allocation_bytes(), limit_);
  choose_types();
}

void Allocator::choose_types() {
  const VkPhysicalDeviceMemoryProperties& memory = physical_.memory();
  const uint32_t heap = device_heap(memory);
  constexpr VkMemoryPropertyFlags kVisible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT,
                                  kCoherent = VK_MEMORY_PROPERTY_HOST_COHERENT_BIT,
                                  kCached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT;
  const auto best = [&](auto&& fits, VkMemoryPropertyFlags wanted) {
    uint32_t found = kNoType;
    for (uint32_t i = 0; i < memory.memoryTypeCount; ++i) {
      const VkMemoryPropertyFlags flags = memory.memoryTypes[i].propertyFlags;
      if (!fits(memory.memoryTypes[i])) continue;
      const auto count = [&](VkMemoryPropertyFlags f) { return __builtin_popcount(f & wanted); };
      if (found == kNoType || count(flags) > count(memory.memoryTypes[found].propertyFlags)) found = i;
    }
    return found;
  };
  // Only in the large heap: a window of 256 MiB into it is no place for an arena.
  device_type_ =
      best([&](const VkMemoryType& t) { return t.heapIndex == heap; }, staging_ ? 0 : kVisible | kCoherent | kCached);
  host_type_ = best(
      [&](const VkMemoryType& t) { return (t.propertyFlags & kVisible) && (t.propertyFlags & kCoherent); }, kCached);
  if (device_type_ == kNoType || host_type_ == kNoType)
    throw Error(RLX_DRIVER_MISMATCH, physical_.name() + ": the driver lists no usable memory type",
                "update the driver");
}

void Allocator::reserve(uint64_t bytes, MemoryKind kind) {
  if (bytes > max_block_)
    throw Error(RLX_RESOURCE_EXHAUSTED, physical_.name() + ": an allocation of " + std::to_string(bytes) +
                                            " bytes exceeds its limit of " + std::to_string(max_block_));
  if (kind == MemoryKind::kHost) return;
  const uint64_t before = allocated_.fetch_add(bytes);
  if (before <= limit_ && bytes <= limit_ - before) return;
  allocated_ -= bytes;
  throw Error(RLX_RESOURCE_EXHAUSTED, physical_.name() + ": " + std::to_string(bytes) + " bytes more than the " +
                                          std::to_string(before) + " in use exceed its " + std::to_string(limit_));
}

Block Allocator::allocate(uint64_t bytes, MemoryKind kind) {
  const uint64_t size = align_up(std::max<uint64_t>(bytes, 1), kGranule);
  reserve(size, kind);
  // Filled step by step: its destructor takes back what there is when a step fails.
  Block block;
  block.allocator_ = this;
  block.bytes_ = size;
  block.counted_ = kind == MemoryKind::kDevice ? size : 0;
  VkBufferCreateInfo buffer{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  buffer.size = size;
  buffer.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                 VK_BUFFER_USAGE_TRANSFER_DST_BIT | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT;
  const std::string what = physical_.name() + ": " + std::to_string(size) + " bytes: ";
  const auto must = [&](VkResult result, const char* call) {
    if (result != VK_SUCCESS) throw error_of(result, what + call);
  };
  must(vk_.vkCreateBuffer(device_, &buffer, nullptr, &block.buffer_), "vkCreateBuffer");
  VkMemoryRequirements needs{};
  vk_.vkGetBufferMemoryRequirements(device_, block.buffer_, &needs);
  VkMemoryAllocateFlagsInfo flags{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO};
  flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT;
  VkMemoryAllocateInfo memory{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, &flags};
  memory.allocationSize = needs.size;
  memory.memoryTypeIndex = kind == MemoryKind::kDevice ? device_type_ : host_type_;
  must(vk_.vkAllocateMemory(device_, &memory, nullptr, &block.memory_), "vkAllocateMemory");
  must(vk_.vkBindBufferMemory(device_, block.buffer_, block.memory_, 0), "vkBindBufferMemory");
  const VkMemoryPropertyFlags properties = physical_.memory().memoryTypes[memory.memoryTypeIndex].propertyFlags;
  block.coherent_ = properties & VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
  const bool map = kind == MemoryKind::kHost || (!staging_ && (properties & VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT));
  if (map) {
    void* mapped = nullptr;
    must(vk_.vkMapMemory(device_, block.memory_, 0, VK_WHOLE_SIZE, 0, &mapped), "vkMapMemory");
    block.mapped_ = static_cast<std::byte*>(mapped);
  }
  VkBufferDeviceAddressInfo address{VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO};
  address.buffer = block.buffer_;
  block.address_ = vk_.vkGetBufferDeviceAddress(device_, &address);
  return block;
}

}  // namespace rlx::vulkan
