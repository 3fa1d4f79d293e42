#include "cache_file.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <fstream>

namespace rlx::vulkan {

namespace {

constexpr char kMagic[8] = {'R', 'L', 'X', 'V', 'K', 'P', 'C', '1'};
// No driver's pipelines of ours come near it; a larger number is a broken file.
constexpr uint64_t kLargest = uint64_t{256} << 20;

// FNV-1a.
uint64_t checksum_of(const std::vector<std::byte>& bytes) {
  uint64_t h = 0xcbf29ce484222325u;
  for (const std::byte b : bytes) h = (h ^ static_cast<uint8_t>(b)) * 0x100000001b3u;
  return h;
}

std::string hex(const uint8_t* bytes, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    text += digits;
  }
  return text;
}

}  // namespace

CacheFile::CacheFile(const std::string& directory, const VkPhysicalDeviceProperties& device) {
  if (!directory.empty()) path_ = directory + "/vulkan-" + hex(device.pipelineCacheUUID, VK_UUID_SIZE) + ".bin";
  std::memcpy(identity_.magic, kMagic, sizeof kMagic);
  identity_.vendor = device.vendorID;
  identity_.device = device.deviceID;
  identity_.driver = device.driverVersion;
  std::memcpy(identity_.uuid, device.pipelineCacheUUID, VK_UUID_SIZE);
}

CacheFile::Header CacheFile::header_for(const std::vector<std::byte>& bytes) const {
  Header header = identity_;
  header.bytes = bytes.size();
  header.checksum = checksum_of(bytes);
  return header;
}

std::vector<std::byte> CacheFile::load() const {
  std::ifstream file(path_, std::ios::binary);
  Header found{};
  if (!file.read(reinterpret_cast<char*>(&found), sizeof found) || found.bytes > kLargest) return {};
  std::vector<std::byte> bytes(found.bytes);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()))) return {};
  const Header expected = header_for(bytes);
  if (std::memcmp(&found, &expected, sizeof found) != 0) return {};
  return bytes;
}

void CacheFile::store(const std::vector<std::byte>& bytes) const {
  if (path_.empty()) return;
  const std::string made = path_ + "." + std::to_string(getpid());
  {
    std::ofstream file(made, std::ios::binary | std::ios::trunc);
    const Header header = header_for(bytes);
    file.write(reinterpret_cast<const char*>(&header), sizeof header);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) {
      std::remove(made.c_str());
      return;
    }
  }
  // Other processes see the old file or the new one, never half of one.
  if (std::rename(made.c_str(), path_.c_str()) != 0) std::remove(made.c_str());
}

}  // namespace rlx::vulkan
