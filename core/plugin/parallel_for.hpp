// A loop over threads for compile-time work. Threads are made per call: kernels never come this way.
#pragma once

#include <rlx/status.hpp>

namespace rlx::plugin {

// Calls fn(arg, begin, end) over disjoint ranges covering [0, count), on up to `threads` threads (0 = as many as the
// process may use), the calling one among them, and waits for all. INTERNAL when a call threw; the other ranges still
// ran.
Status parallel_for(uint32_t threads, uint64_t count, void (*fn)(void* arg, uint64_t begin, uint64_t end), void* arg);

}  // namespace rlx::plugin
