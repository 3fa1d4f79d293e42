// Host memory for plugins, counted by tag, so that a process can say where its memory is. Threads: any.
#pragma once

#include <cstdint>
#include <string_view>

namespace rlx::plugin {

// align is a power of two. NULL when memory is out, when the sum of all tags would exceed the limit, or when align is
// no power of two.
void* allocate_host_memory(uint64_t size_bytes, uint64_t align, std::string_view tag) noexcept;
// Size and tag as they were given to allocate. NULL is allowed.
void free_host_memory(void* memory, uint64_t size_bytes, std::string_view tag) noexcept;
// Bytes for all tags together; 0 = what the machine has, swap included. Returns the limit that was in force. Where the
// kernel promises more memory than there is, the limit turns a killed process into a status.
uint64_t limit_host_memory(uint64_t bytes);
// Bytes allocated and not freed.
uint64_t host_memory_in_use(std::string_view tag);

}  // namespace rlx::plugin
