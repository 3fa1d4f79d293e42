// One allocation of device memory with the buffer that covers it and its address. Shaders see addresses only, so blocks
// beyond maxStorageBufferRange are as good as any.
#pragma once

#include "loader/functions.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>

namespace rlx::vulkan {

class Allocator;

enum class MemoryKind {
  kDevice,  // the device's own, mapped if the host can see all of it
  kHost,    // coherent host memory that the device can reach: staging, mailboxes
};

class Block {
 public:
  Block() = default;
  Block(Block&& o) noexcept { swap(o); }
  Block& operator=(Block&& o) noexcept {
    swap(o);
    return *this;
  }
  ~Block();

  VkBuffer buffer() const { return buffer_; }
  uint64_t bytes() const { return bytes_; }
  uint64_t address() const { return address_; }
  // NULL where the host cannot see the memory.
  std::byte* mapped() const { return mapped_; }
  explicit operator bool() const { return allocator_ != nullptr; }

  // For memory that is not coherent; nothing otherwise. Ranges need no alignment.
  // Before the host writes a range: a flush takes along what lies beside it in its first and its last atom, so the host
  // must see there what the device has left.
  void prepare(uint64_t offset, uint64_t bytes) const;
  void flush(uint64_t offset, uint64_t bytes) const;
  void invalidate(uint64_t offset, uint64_t bytes) const;

 private:
  friend class Allocator;
  void swap(Block& o) noexcept;
  VkMappedMemoryRange range(uint64_t offset, uint64_t bytes) const;

  Allocator* allocator_ = nullptr;
  VkBuffer buffer_ = VK_NULL_HANDLE;
  VkDeviceMemory memory_ = VK_NULL_HANDLE;
  uint64_t bytes_ = 0, address_ = 0;
  uint64_t counted_ = 0;  // bytes to give back to the allocator's count
  std::byte* mapped_ = nullptr;
  bool coherent_ = true;
};

}  // namespace rlx::vulkan
