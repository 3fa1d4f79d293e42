#include "block.hpp"

#include "allocator.hpp"
#include "loader/error.hpp"

#include <algorithm>

namespace rlx::vulkan {

Block::~Block() {
  if (!allocator_) return;
  const DeviceFunctions& vk = allocator_->vk_;
  vk.vkDestroyBuffer(allocator_->device_, buffer_, nullptr);
  vk.vkFreeMemory(allocator_->device_, memory_, nullptr);
  allocator_->allocated_ -= counted_;
}

void Block::swap(Block& o) noexcept {
  std::swap(allocator_, o.allocator_);
  std::swap(buffer_, o.buffer_);
  std::swap(memory_, o.memory_);
  std::swap(bytes_, o.bytes_);
  std::swap(address_, o.address_);
  std::swap(counted_, o.counted_);
  std::swap(mapped_, o.mapped_);
  std::swap(coherent_, o.coherent_);
}

VkMappedMemoryRange Block::range(uint64_t offset, uint64_t bytes) const {
  const uint64_t atom = allocator_->physical_.limits().nonCoherentAtomSize;
  VkMappedMemoryRange range{VK_STRUCTURE_TYPE_MAPPED_MEMORY_RANGE};
  range.memory = memory_;
  range.offset = offset / atom * atom;
  const uint64_t end = (offset + bytes + atom - 1) / atom * atom;
  // The allocation's end need not be a multiple of the atom; then only "to the end" may be said.
  range.size = end >= bytes_ ? VK_WHOLE_SIZE : end - range.offset;
  return range;
}

void Block::prepare(uint64_t offset, uint64_t bytes) const {
  if (coherent_ || bytes == 0) return;
  const uint64_t atom = allocator_->physical_.limits().nonCoherentAtomSize;
  if (offset % atom != 0) invalidate(offset, 1);
  if ((offset + bytes) % atom != 0) invalidate(offset + bytes - 1, 1);
}

void Block::flush(uint64_t offset, uint64_t bytes) const {
  if (coherent_ || bytes == 0) return;
  const VkMappedMemoryRange r = range(offset, bytes);
  check(allocator_->vk_.vkFlushMappedMemoryRanges(allocator_->device_, 1, &r), "vkFlushMappedMemoryRanges");
}

void Block::invalidate(uint64_t offset, uint64_t bytes) const {
  if (coherent_ || bytes == 0) return;
  const VkMappedMemoryRange r = range(offset, bytes);
  check(allocator_->vk_.vkInvalidateMappedMemoryRanges(allocator_->device_, 1, &r), "vkInvalidateMappedMemoryRanges");
}

}  // namespace rlx::vulkan
