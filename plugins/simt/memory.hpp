// Device memory and page-locked host memory as owning objects.
#pragma once

#include "driver.hpp"

#include <cstddef>
#include <utility>

namespace rlx::simt {

class Device;

class DeviceBuffer {
 public:
  DeviceBuffer() = default;
  // Contents undefined. Throws sdk::Error RESOURCE_EXHAUSTED naming the size.
  DeviceBuffer(Device& device, uint64_t bytes);
  DeviceBuffer(DeviceBuffer&& o) noexcept
      : device_(o.device_), address_(std::exchange(o.address_, 0)), bytes_(std::exchange(o.bytes_, 0)) {}
  DeviceBuffer& operator=(DeviceBuffer&& o) noexcept {
    std::swap(device_, o.device_);
    std::swap(address_, o.address_);
    std::swap(bytes_, o.bytes_);
    return *this;
  }
  ~DeviceBuffer();

  Address address() const { return address_; }
  uint64_t bytes() const { return bytes_; }
  explicit operator bool() const { return address_ != 0; }

 private:
  Device* device_ = nullptr;
  Address address_ = 0;
  uint64_t bytes_ = 0;
};

// Memory that the device copies from and to without a detour. Throws sdk::Error RESOURCE_EXHAUSTED.
class PinnedBuffer {
 public:
  PinnedBuffer(Device& device, uint64_t bytes);
  PinnedBuffer(const PinnedBuffer&) = delete;
  PinnedBuffer& operator=(const PinnedBuffer&) = delete;
  ~PinnedBuffer();

  std::byte* data() const { return static_cast<std::byte*>(data_); }
  uint64_t bytes() const { return bytes_; }

 private:
  Device& device_;
  void* data_ = nullptr;
  uint64_t bytes_;
};

}  // namespace rlx::simt
