// One file per kernel module, named by a hash of everything that it depends on: source, headers, options, compiler and
// driver. It is written beside its place and renamed, so that no process sees a half of it.
#include "kernel_cache.hpp"

#include "vendor.hpp"

#include <rlx/sdk/entry.hpp>

#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace rlx::simt {

namespace {

constexpr char kMagic[8] = {'r', 'l', 'x', 'k', 'e', 'r', 'n', '1'};

struct Header {
  char magic[8];
  uint64_t bytes, hash;
};

// FNV-1a.
uint64_t hash(std::string_view text, uint64_t h) {
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return h;
}
constexpr uint64_t kSeed = 0xcbf29ce484222325u, kOtherSeed = 0x84222325cbf29ce4u;

// 64 bits of the request; two seeds make 128.
uint64_t key(const BuildRequest& request, uint64_t h) {
  for (const DeviceHeader& header : device_headers()) h = hash(header.text, hash(header.name, h));
  for (const std::string& option : request.options) h = hash(option, h) + 1;  // "ab", "c" is not "a", "bc"
  return hash(request.source, hash(request.driver, hash(compiler_version(), h)));
}

// Empty when the host gives no directory.
std::string path_of(const BuildRequest& request) {
  rlx_str directory{};
  if (rlx_status* status = sdk::host().cache_dir(sdk::host().ctx, &directory)) {
    sdk::host().status_release(sdk::host().ctx, status);
    return {};
  }
  char name[64];
  std::snprintf(name, sizeof name, "-%016llx%016llx.bin", static_cast<unsigned long long>(key(request, kSeed)),
                static_cast<unsigned long long>(key(request, kOtherSeed)));
  return std::string(sdk::view(directory)) + "/" + std::string(vendor().id) + name;
}

}  // namespace

std::string load_kernel(const BuildRequest& request) {
  const std::string path = path_of(request);
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  Header header;
  if (text.size() < sizeof header) return {};
  std::memcpy(&header, text.data(), sizeof header);
  std::string code = text.substr(sizeof header);
  if (std::memcmp(header.magic, kMagic, sizeof kMagic) != 0 || header.bytes != code.size() ||
      header.hash != hash(code, kSeed))
    return {};
  return code;
}

void keep_kernel(const BuildRequest& request, const std::string& code) {
  static std::atomic<unsigned> number{0};
  const std::string path = path_of(request);
  if (path.empty()) return;
  const std::string beside = path + "." + std::to_string(getpid()) + "." + std::to_string(number++);
  Header header{{}, code.size(), hash(code, kSeed)};
  std::memcpy(header.magic, kMagic, sizeof kMagic);
  std::ofstream file(beside, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&header), sizeof header);
  file.write(code.data(), static_cast<std::streamsize>(code.size()));
  file.close();
  std::error_code ignored;
  if (file) std::filesystem::rename(beside, path, ignored);
  if (!file || ignored) std::filesystem::remove(beside, ignored);
}

}  // namespace rlx::simt
