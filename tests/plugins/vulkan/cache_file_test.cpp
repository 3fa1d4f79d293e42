#include "device/cache_file.hpp"
#include "runner.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace {

using rlx::vulkan::CacheFile;

// A folder of its own, gone with the test.
class Folder {
 public:
  Folder() {
    char name[] = "/tmp/rlx-vulkan-cache-XXXXXX";
    path_ = mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

VkPhysicalDeviceProperties some_device() {
  VkPhysicalDeviceProperties p{};
  p.vendorID = 1;
  p.deviceID = 2;
  p.driverVersion = 3;
  p.pipelineCacheUUID[5] = 0xab;
  return p;
}

std::vector<std::byte> some_bytes() {
  std::vector<std::byte> bytes(1000);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7);
  return bytes;
}

size_t files_in(const std::string& folder) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST_CASE("what was stored is loaded, by the same device and driver only", "[vulkan]") {
  const Folder folder;
  const CacheFile file(folder.path(), some_device());
  CHECK(file.load().empty());
  file.store(some_bytes());
  CHECK(file.load() == some_bytes());
  CHECK(files_in(folder.path()) == 1);
  VkPhysicalDeviceProperties updated = some_device();
  ++updated.driverVersion;
  CHECK(CacheFile(folder.path(), updated).load().empty());
  file.store({});
  CHECK(file.load().empty());
}

TEST_CASE("a damaged file counts as none, at every byte and every length", "[vulkan]") {
  const Folder folder;
  const CacheFile file(folder.path(), some_device());
  file.store(some_bytes());
  std::string good;
  {
    std::ifstream in(file.path(), std::ios::binary);
    good.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto write = [&](const std::string& text) {
    std::ofstream(file.path(), std::ios::binary | std::ios::trunc) << text;
  };
  for (size_t i = 0; i < good.size(); i += i < 80 ? 1 : 37) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    write(bad);
    INFO("byte " << i);
    REQUIRE(file.load().empty());
    write(good.substr(0, i));
    REQUIRE(file.load().empty());
  }
  write(good);
  CHECK(file.load() == some_bytes());
}

TEST_CASE("a folder that cannot be written to, and no folder, are no errors", "[vulkan]") {
  const CacheFile nowhere("", some_device());
  nowhere.store(some_bytes());
  CHECK(nowhere.load().empty());
  // Also for root, who may write to any folder: this one is a file.
  const Folder folder;
  const std::string path = folder.path() + "/file";
  std::ofstream(path) << "x";
  const CacheFile inside_of_a_file(path, some_device());
  inside_of_a_file.store(some_bytes());
  CHECK(inside_of_a_file.load().empty());
  CHECK(files_in(folder.path()) == 1);
}

// A host that gives this folder to the plugin.
class HostWithCache {
 public:
  explicit HostWithCache(const std::string& path) {
    folder() = path;
    host_ = tests::vulkan_test_host();
    host_.cache_dir = [](void*, rlx_str* out) -> rlx_status* {
      *out = rlx::sdk::str(folder());
      return nullptr;
    };
    rlx::sdk::set_host(&host_);
  }
  ~HostWithCache() { rlx::sdk::set_host(&tests::test_host()); }
  HostWithCache(const HostWithCache&) = delete;
  HostWithCache& operator=(const HostWithCache&) = delete;

 private:
  static std::string& folder() {
    static std::string path;
    return path;
  }
  rlx_host_v1 host_;
};

// Compiles and runs on a device of its own.
float twice_seven() {
  const auto device = std::make_shared<rlx::vulkan::Device>(tests::vulkan_device().physical);
  tests::Doubling net(100);
  tests::VulkanRunner r(net.program, device);
  r.write(net.x, tests::ramp(100));
  r.run();
  return r.read(net.y)[7];
}

TEST_CASE("a damaged cache is made anew by the next compile", "[vulkan]") {
  const VkPhysicalDeviceProperties& device = tests::vulkan_device().physical.properties();
  const Folder folder;
  const CacheFile file(folder.path(), device);
  const HostWithCache host(folder.path());
  CHECK(twice_seven() == 14);
  const std::vector<std::byte> first = file.load();
  REQUIRE(!first.empty());
  for (const char* damage : {"", "no cache at all", "RLXVKPC1 and then nothing that fits"}) {
    std::ofstream(file.path(), std::ios::binary | std::ios::trunc) << damage;
    REQUIRE(file.load().empty());
    CHECK(twice_seven() == 14);
    CHECK(file.load().size() == first.size());
  }
}

TEST_CASE("programs compile and run where the cache cannot be written", "[vulkan]") {
  tests::vulkan_device();
  const Folder folder;
  const std::string path = folder.path() + "/file";
  std::ofstream(path) << "x";
  const HostWithCache host(path);
  CHECK(twice_seven() == 14);
  CHECK(files_in(folder.path()) == 1);
}

}  // namespace
