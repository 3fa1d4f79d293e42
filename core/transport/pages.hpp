// The pages that heaps lie on: huge ones where the system gives any, near the core of the thread that asks.
#pragma once

#include <cstdint>

namespace rlx::transport {

// mmap of these bytes, readable and writable, at a multiple of the huge page when they may have some. fd -1: anonymous
// memory. nullptr and errno when there is no room.
char* map_pages(uint64_t bytes, int flags, int fd) noexcept;

// Has every page of [heap, heap + bytes) now, by the calling thread, instead of with the first put to it; bytes has
// been mapped by map_pages and rounded up to whole pages.
void settle_pages(char* heap, uint64_t bytes) noexcept;

}  // namespace rlx::transport
