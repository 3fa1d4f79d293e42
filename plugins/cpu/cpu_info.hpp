// What the plugin knows about the processor it runs on. Read once per process; constant afterwards.
#pragma once

#include <cstdint>
#include <string>

namespace rlx::cpu {

struct CpuInfo {
  std::string name;      // "AMD EPYC 7763"
  std::string arch;      // "x86_64"
  std::string features;  // "avx2 fma f16c"
  unsigned cores = 1;    // that this process may use
  unsigned simd_bytes = 16;
  uint32_t numa_node = UINT32_MAX;  // UINT32_MAX: unknown, or the cores are on several
  uint64_t l1_bytes = 32u << 10, l2_bytes = 512u << 10, l3_bytes = 8u << 20;
};

const CpuInfo& cpu_info();

}  // namespace rlx::cpu
