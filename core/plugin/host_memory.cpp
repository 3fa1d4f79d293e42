// Aligned allocation with a counter per tag.
#include "plugin/host_memory.hpp"

#include <sys/sysinfo.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace rlx::plugin {

namespace {

uint64_t machine_memory() {
  struct sysinfo info {};
  if (::sysinfo(&info) != 0) return UINT64_MAX;
  return (uint64_t{info.totalram} + info.totalswap) * info.mem_unit;
}

struct Account {
  std::mutex mutex;
  std::map<std::string, uint64_t, std::less<>> bytes;
  uint64_t total = 0;
  uint64_t limit = machine_memory();

  // False when that many more would exceed the limit.
  bool reserve(uint64_t size_bytes) {
    const std::lock_guard lock(mutex);
    if (size_bytes > limit || total > limit - size_bytes) return false;
    total += size_bytes;
    return true;
  }
  void give_back(uint64_t size_bytes) {
    const std::lock_guard lock(mutex);
    total -= std::min(total, size_bytes);
  }
};

// Never destroyed: plugins free memory while the process ends.
Account& account() {
  static auto& instance = *new Account;
  return instance;
}

}  // namespace

void* allocate_host_memory(uint64_t size_bytes, uint64_t align, std::string_view tag) noexcept {
  if (!std::has_single_bit(align) || !account().reserve(size_bytes)) return nullptr;
  void* memory = nullptr;
  const size_t size = static_cast<size_t>(std::max<uint64_t>(size_bytes, 1));
  if (::posix_memalign(&memory, std::max<size_t>(align, sizeof(void*)), size) != 0) {
    account().give_back(size_bytes);
    return nullptr;
  }
  try {
    const std::lock_guard lock(account().mutex);
    const auto found = account().bytes.find(tag);
    (found != account().bytes.end() ? found->second : account().bytes[std::string(tag)]) += size_bytes;
  } catch (...) {
    ::free(memory);
    account().give_back(size_bytes);
    return nullptr;
  }
  return memory;
}

void free_host_memory(void* memory, uint64_t size_bytes, std::string_view tag) noexcept {
  if (!memory) return;
  ::free(memory);
  const std::lock_guard lock(account().mutex);
  const auto found = account().bytes.find(tag);
  if (found != account().bytes.end()) found->second -= std::min(found->second, size_bytes);
  account().total -= std::min(account().total, size_bytes);
}

uint64_t limit_host_memory(uint64_t bytes) {
  const uint64_t limit = bytes ? bytes : machine_memory();
  const std::lock_guard lock(account().mutex);
  return std::exchange(account().limit, limit);
}

uint64_t host_memory_in_use(std::string_view tag) {
  const std::lock_guard lock(account().mutex);
  const auto found = account().bytes.find(tag);
  return found == account().bytes.end() ? 0 : found->second;
}

}  // namespace rlx::plugin
