// A regular file, mapped read-only: only the pages that are read come from disk, and a plugin can be hundreds of
// megabytes.
#pragma once

#include "plugin/verdict.hpp"

#include <cstddef>
#include <span>
#include <utility>

namespace rlx::plugin {

class MappedFile {
 public:
  // kNotAPlugin for what cannot be read or is no regular file. Never blocks on a FIFO or a device.
  static Checked<MappedFile> open(const std::string& path);
  MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  MappedFile& operator=(MappedFile&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

}  // namespace rlx::plugin
