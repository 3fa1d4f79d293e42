// Host memory for plugins, counted by tag, so that a process can say where its memory is. Threads: any.
#pragma once

#include <cstdint>
#include <string_view>

namespace rlx::plugin {

// align is a power of two. NULL when memory is out, or align is no power of two.
void* allocate_host_memory(uint64_t size_bytes, uint64_t align, std::string_view tag) noexcept;
// Size and tag as they were given to allocate. NULL is allowed.
void free_host_memory(void* memory, uint64_t size_bytes, std::string_view tag) noexcept;
// Bytes allocated and not freed.
uint64_t host_memory_in_use(std::string_view tag);

}  // namespace rlx::plugin
