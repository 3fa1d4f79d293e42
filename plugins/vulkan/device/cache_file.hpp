// A file of bytes that a driver made and that only the same driver may get back. Whatever is wrong with a file, it
// counts as none: it is made anew.
#pragma once

#include "loader/functions.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace rlx::vulkan {

class CacheFile {
 public:
  // directory "" = no file: nothing is found and nothing kept.
  CacheFile(const std::string& directory, const VkPhysicalDeviceProperties& device);

  // The bytes of the last store, or none.
  std::vector<std::byte> load() const;
  // Replaces the file as a whole; does nothing where it may not be written.
  void store(const std::vector<std::byte>& bytes) const;
  const std::string& path() const { return path_; }

 private:
  // Written as it lies in memory: another machine's file is refused by its magic.
  struct Header {
    char magic[8];
    uint32_t vendor, device, driver, reserved;
    uint8_t uuid[VK_UUID_SIZE];
    uint64_t bytes, checksum;
  };
  Header header_for(const std::vector<std::byte>& bytes) const;

  std::string path_;
  Header identity_{};
};

}  // namespace rlx::vulkan
