// glibc exports its allocator under __libc_* names too, so that a replacement can forward without dlsym (which
// allocates).

#include "allocations.hpp"

#include <atomic>
#include <cerrno>
#include <cstddef>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RLX_COUNT_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RLX_COUNT_ALLOCATIONS 0
#else
#define RLX_COUNT_ALLOCATIONS 1
#endif
#else
#define RLX_COUNT_ALLOCATIONS 1
#endif

#if RLX_COUNT_ALLOCATIONS && defined(__GLIBC__)

namespace {
std::atomic<uint64_t> count{0};
void* counted(void* p) {
  count.fetch_add(1, std::memory_order_relaxed);
  return p;
}
}  // namespace

extern "C" {
void* __libc_malloc(size_t);
void* __libc_calloc(size_t, size_t);
void* __libc_realloc(void*, size_t);
void* __libc_memalign(size_t, size_t);

void* malloc(size_t size) {
  return counted(__libc_malloc(size));
}
void* calloc(size_t n, size_t size) {
  return counted(__libc_calloc(n, size));
}
void* realloc(void* p, size_t size) {
  return counted(__libc_realloc(p, size));
}
void* memalign(size_t align, size_t size) {
  return counted(__libc_memalign(align, size));
}
void* aligned_alloc(size_t align, size_t size) {
  return counted(__libc_memalign(align, size));
}
int posix_memalign(void** out, size_t align, size_t size) {
  void* p = counted(__libc_memalign(align, size));
  if (p == nullptr) return ENOMEM;
  *out = p;
  return 0;
}
}

namespace rlx::tools {
uint64_t allocation_count() {
  return count.load(std::memory_order_relaxed);
}
}  // namespace rlx::tools

#else

namespace rlx::tools {
uint64_t allocation_count() {
  return UINT64_MAX;
}
}  // namespace rlx::tools

#endif
