// Memory whose host side is a copy.
#include "other_memory.hpp"

#include <cstring>
#include <map>
#include <vector>

namespace tests {

namespace {

using rlx::vulkan::DeviceFunctions;

constexpr uint64_t kAtom = 256;
constexpr uint32_t kCachedType = 0, kCoherentType = 1;

struct Allocation {
  uint64_t bytes;
  uint32_t type;
  std::byte* device = nullptr;  // the driver's mapping
  std::vector<std::byte> host;  // what the plugin has mapped
};

DeviceFunctions real;
std::map<VkDeviceMemory, Allocation> allocations;
bool forgets_flushes = false, forgets_invalidations = false;

void describe(MemoryFacts& facts) {
  constexpr VkMemoryPropertyFlags kVisible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT;
  facts.properties.memoryHeapCount = 1;
  facts.properties.memoryTypeCount = 2;
  facts.properties.memoryTypes[kCachedType] = {
      VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT | kVisible | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, 0};
  facts.properties.memoryTypes[kCoherentType] = {kVisible | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT, 0};
  facts.limits.nonCoherentAtomSize = kAtom;
}

VKAPI_ATTR VkResult VKAPI_CALL allocate(VkDevice device, const VkMemoryAllocateInfo* info,
                                        const VkAllocationCallbacks* callbacks, VkDeviceMemory* out) {
  VkMemoryAllocateInfo of_driver = *info;
  of_driver.memoryTypeIndex = 0;  // lavapipe's only type
  const VkResult result = real.vkAllocateMemory(device, &of_driver, callbacks, out);
  if (result == VK_SUCCESS) allocations[*out] = {info->allocationSize, info->memoryTypeIndex, nullptr, {}};
  return result;
}

VKAPI_ATTR void VKAPI_CALL release(VkDevice device, VkDeviceMemory memory, const VkAllocationCallbacks* callbacks) {
  allocations.erase(memory);
  real.vkFreeMemory(device, memory, callbacks);
}

VKAPI_ATTR VkResult VKAPI_CALL map(VkDevice device, VkDeviceMemory memory, VkDeviceSize offset, VkDeviceSize bytes,
                                   VkMemoryMapFlags flags, void** out) {
  const VkResult result = real.vkMapMemory(device, memory, offset, bytes, flags, out);
  Allocation& a = allocations.at(memory);
  if (result != VK_SUCCESS || a.type == kCoherentType) return result;
  a.device = static_cast<std::byte*>(*out);
  // A host that reads before it invalidates sees neither zeros nor what it expects.
  a.host.assign(a.bytes, std::byte{0xDB});
  *out = a.host.data();
  return result;
}

// Calls move(host, device, bytes) for each range, which has to be one that Vulkan allows.
template <typename Move>
VkResult for_ranges(uint32_t count, const VkMappedMemoryRange* ranges, Move&& move) {
  for (uint32_t i = 0; i < count; ++i) {
    const VkMappedMemoryRange& r = ranges[i];
    Allocation& a = allocations.at(r.memory);
    REQUIRE(a.device != nullptr);
    REQUIRE(r.offset % kAtom == 0);
    REQUIRE(r.offset < a.bytes);
    const uint64_t bytes = r.size == VK_WHOLE_SIZE ? a.bytes - r.offset : r.size;
    REQUIRE(bytes <= a.bytes - r.offset);
    REQUIRE((bytes % kAtom == 0 || r.offset + bytes == a.bytes));
    move(a.host.data() + r.offset, a.device + r.offset, bytes);
  }
  return VK_SUCCESS;
}

VKAPI_ATTR VkResult VKAPI_CALL flush(VkDevice, uint32_t count, const VkMappedMemoryRange* ranges) {
  return for_ranges(count, ranges, [](std::byte* host, std::byte* device, uint64_t bytes) {
    if (!forgets_flushes) std::memcpy(device, host, bytes);
  });
}

VKAPI_ATTR VkResult VKAPI_CALL invalidate(VkDevice, uint32_t count, const VkMappedMemoryRange* ranges) {
  return for_ranges(count, ranges, [](std::byte* host, std::byte* device, uint64_t bytes) {
    if (!forgets_invalidations) std::memcpy(host, device, bytes);
  });
}

void replace(DeviceFunctions& functions) {
  real = functions;
  functions.vkAllocateMemory = allocate;
  functions.vkFreeMemory = release;
  functions.vkMapMemory = map;
  functions.vkFlushMappedMemoryRanges = flush;
  functions.vkInvalidateMappedMemoryRanges = invalidate;
}

}  // namespace

std::shared_ptr<rlx::vulkan::Device> non_coherent_device() {
  return device_with(describe, replace);
}

Forgetful::Forgetful(What what) {
  (what == What::kFlush ? forgets_flushes : forgets_invalidations) = true;
}
Forgetful::~Forgetful() {
  forgets_flushes = forgets_invalidations = false;
}

}  // namespace tests
