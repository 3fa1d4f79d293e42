// Device memory that is larger than what a test machine would fill: address space, with pages where somebody writes.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <map>
#include <mutex>

namespace fake {

class Reserved {
 public:
  void* take(size_t bytes) {
    void* block = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block == MAP_FAILED) return nullptr;
    const std::lock_guard lock(mutex_);
    sizes_[block] = bytes;
    return block;
  }
  // False for a block that is not from here.
  bool give(void* block) {
    const std::lock_guard lock(mutex_);
    const auto found = sizes_.find(block);
    if (found == sizes_.end()) return false;
    munmap(block, found->second);
    sizes_.erase(found);
    return true;
  }

 private:
  std::mutex mutex_;
  std::map<void*, size_t> sizes_;
};

}  // namespace fake
