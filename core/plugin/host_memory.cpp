// Aligned allocation with a counter per tag.
#include "plugin/host_memory.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

namespace rlx::plugin {

namespace {

struct Account {
  std::mutex mutex;
  std::map<std::string, uint64_t, std::less<>> bytes;
};

// Never destroyed: plugins free memory while the process ends.
Account& account() {
  static auto& instance = *new Account;
  return instance;
}

}  // namespace

void* allocate_host_memory(uint64_t size_bytes, uint64_t align, std::string_view tag) noexcept {
  if (!std::has_single_bit(align)) return nullptr;
  void* memory = nullptr;
  const size_t size = static_cast<size_t>(std::max<uint64_t>(size_bytes, 1));
  if (::posix_memalign(&memory, std::max<size_t>(align, sizeof(void*)), size) != 0) return nullptr;
  try {
    const std::lock_guard lock(account().mutex);
    const auto found = account().bytes.find(tag);
    (found != account().bytes.end() ? found->second : account().bytes[std::string(tag)]) += size_bytes;
  } catch (...) {
    ::free(memory);
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
}

uint64_t host_memory_in_use(std::string_view tag) {
  const std::lock_guard lock(account().mutex);
  const auto found = account().bytes.find(tag);
  return found == account().bytes.end() ? 0 : found->second;
}

}  // namespace rlx::plugin
