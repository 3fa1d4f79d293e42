// How much memory this process may use: the machine's, or less under a control group.
#pragma once

#include <cstdint>

namespace rlx::cpu {

struct MemoryInfo {
  uint64_t total = 0;   // bytes of the machine, or the control group's limit if smaller
  uint64_t free = 0;    // bytes available now without swapping
  uint64_t budget = 0;  // what may safely be used now: free less a sixteenth of total
};

// Reads /proc and /sys anew. Threads: any.
MemoryInfo read_memory_info();

}  // namespace rlx::cpu
