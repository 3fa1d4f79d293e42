// Counts heap allocations of the whole process, plugins and vendor libraries included, by standing in front of malloc.
#pragma once

#include <cstdint>

namespace rlx::tools {

// Calls of malloc, calloc, realloc and the aligned forms so far; UINT64_MAX in sanitizer builds, which own malloc.
uint64_t allocation_count();

}  // namespace rlx::tools
