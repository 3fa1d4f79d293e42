// The machine's measured peaks, so that a kernel's share of them can be told in the same run.
#pragma once

#include <cstdint>

namespace rlx::tools {

struct Peak {
  double flops = 0;       // f32 multiply-adds count two, all threads together, per second
  double read_bytes = 0;  // streaming read from memory, per second
};

// About half a second. Independent FMA chains in registers, and sums over a buffer larger than any cache. Best of
// several rounds.
Peak measure_peak(uint32_t threads);

}  // namespace rlx::tools
