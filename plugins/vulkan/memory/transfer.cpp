#include "transfer.hpp"

namespace rlx::vulkan {

Transfer::Transfer(Device& device)
    : device_(device), commands_(device, kSlots, VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT) {}

Transfer::~Transfer() = default;

VkCommandBuffer Transfer::begin() {
  slot_ = (slot_ + 1) % kSlots;
  device_.wait(place_[slot_]);
  const VkCommandBuffer commands = commands_.begin(slot_, VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT);
  barrier(device_.vk(), commands, kEveryone, kCopy);
  return commands;
}

uint64_t Transfer::submit(VkCommandBuffer commands) {
  barrier(device_.vk(), commands, kCopy, kEveryone);
  commands_.end(slot_);
  return place_[slot_] = device_.submit(commands);
}

std::byte* Transfer::next_slot() {
  if (!staging_) staging_ = device_.allocator().allocate(kSlotBytes * kSlots, MemoryKind::kHost);
  const size_t next = (slot_ + 1) % kSlots;
  device_.wait(place_[next]);
  return staging_.mapped() + next * kSlotBytes;
}

void Transfer::send(const Block& to, uint64_t offset, uint64_t bytes) {
  const VkCommandBuffer commands = begin();
  const VkBufferCopy region{slot_ * kSlotBytes, offset, bytes};
  device_.vk().vkCmdCopyBuffer(commands, staging_.buffer(), to.buffer(), 1, &region);
  submit(commands);
}

const std::byte* Transfer::fetch(const Block& from, uint64_t offset, uint64_t bytes) {
  const std::byte* slot = next_slot();
  const VkCommandBuffer commands = begin();
  const VkBufferCopy region{offset, slot_ * kSlotBytes, bytes};
  device_.vk().vkCmdCopyBuffer(commands, from.buffer(), staging_.buffer(), 1, &region);
  submit(commands);
  device_.wait(place_[slot_]);
  return slot;
}

uint64_t Transfer::copy_apart(const Block& to, uint64_t to_offset, const Block& from, uint64_t from_offset,
                              uint64_t bytes) {
  const VkCommandBuffer commands = begin();
  const VkBufferCopy region{from_offset, to_offset, bytes};
  device_.vk().vkCmdCopyBuffer(commands, from.buffer(), to.buffer(), 1, &region);
  return submit(commands);
}

uint64_t Transfer::copy(const Block& to, uint64_t to_offset, const Block& from, uint64_t from_offset, uint64_t bytes) {
  if (bytes == 0 || (&to == &from && to_offset == from_offset)) return 0;
  const std::lock_guard lock(mutex_);
  const uint64_t distance = to_offset > from_offset ? to_offset - from_offset : from_offset - to_offset;
  if (&to != &from || distance >= bytes) return copy_apart(to, to_offset, from, from_offset, bytes);
  // The driver copies no overlapping ranges.
  Block aside = device_.pool(MemoryKind::kDevice).take(bytes);
  copy_apart(aside, 0, from, from_offset, bytes);
  copy_apart(to, to_offset, aside, 0, bytes);
  device_.wait(place_[slot_]);
  device_.pool(MemoryKind::kDevice).give(std::move(aside));
  return place_[slot_];
}

uint64_t Transfer::clear(const Block& to, uint64_t offset, uint64_t bytes) {
  if (bytes == 0) return 0;
  const std::lock_guard lock(mutex_);
  const VkCommandBuffer commands = begin();
  device_.vk().vkCmdFillBuffer(commands, to.buffer(), offset, bytes, 0);
  return submit(commands);
}

}  // namespace rlx::vulkan
