// The host's services as the rest of the plugin sees them, and host memory as an owning object.
#pragma once

#include <rlx/sdk/entry.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace rlx::ref {

using sdk::host;

// Zeroed host memory, aligned to 64 bytes and accounted under the plugin's name. Throws RESOURCE_EXHAUSTED.
class HostBuffer {
 public:
  HostBuffer() = default;
  explicit HostBuffer(uint64_t bytes);
  HostBuffer(HostBuffer&& o) noexcept : data_(std::exchange(o.data_, nullptr)), bytes_(std::exchange(o.bytes_, 0)) {}
  HostBuffer& operator=(HostBuffer&& o) noexcept {
    std::swap(data_, o.data_);
    std::swap(bytes_, o.bytes_);
    return *this;
  }
  ~HostBuffer();

  std::byte* data() const { return data_; }
  uint64_t bytes() const { return bytes_; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  std::byte* data_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace rlx::ref
