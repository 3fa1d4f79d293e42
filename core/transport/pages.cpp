#include "transport/pages.hpp"

#include "transport/segment.hpp"

#include <sys/mman.h>
#include <cerrno>

// Of Linux 6.1, newer than the C library that this is built with.
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

namespace rlx::transport {

char* map_pages(uint64_t bytes, int flags, int fd) noexcept {
  const uint64_t align = bytes >= kHugePage ? kHugePage : kPage, slack = align - kPage;
  bytes = (bytes + kPage - 1) & ~(kPage - 1);
  // A mapping starts where the kernel likes: the addresses are found first, then filled.
  void* space = ::mmap(nullptr, bytes + slack, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (space == MAP_FAILED) return nullptr;
  const auto start = reinterpret_cast<uintptr_t>(space), first = (start + slack) & ~(align - 1);
  if (first > start) ::munmap(space, first - start);
  if (start + slack > first) ::munmap(reinterpret_cast<char*>(first + bytes), start + slack - first);
  void* memory = ::mmap(reinterpret_cast<char*>(first), bytes, PROT_READ | PROT_WRITE, flags | MAP_FIXED, fd, 0);
  if (memory != MAP_FAILED) return static_cast<char*>(memory);
  const int number = errno;
  ::munmap(reinterpret_cast<char*>(first), bytes);
  errno = number;
  return nullptr;
}

void settle_pages(char* heap, uint64_t bytes) noexcept {
  // Shared memory has huge pages by advice only where the administrator allows it; asked to collapse what is there, the
  // kernel does it anyway, for all who map it. Both are wishes.
  if (bytes >= kHugePage) {
    ::madvise(heap, bytes, MADV_HUGEPAGE);
    ::madvise(heap, bytes, MADV_COLLAPSE);
  }
  for (uint64_t at = 0; at < bytes; at += kPage) *static_cast<volatile char*>(heap + at) = 0;
}

}  // namespace rlx::transport
