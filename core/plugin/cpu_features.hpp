// What this processor can do and the operating system supports, in the bits of rlx_note_v1.cpu_required. Asked before
// a plugin is opened, because code for another processor may already run in its constructors.
#pragma once

#include "plugin/verdict.hpp"

#include <array>
#include <cstdint>

namespace rlx::plugin {

struct CpuFeatures {
  uint64_t cpu = 0;     // RLX_CPU_*: cpuid has the bit
  uint64_t usable = 0;  // and the OS saves the registers it needs (XCR0)
};

CpuFeatures read_cpu_features();

// OK, or kIsaMissing naming each feature and whether the CPU or the OS lacks it. Bits this host does not know count as
// missing: nobody can promise them.
Checked<void> check_cpu(const uint64_t (&required)[4], const CpuFeatures& features);

// "avx2 fma", "" for none.
std::string cpu_feature_names(uint64_t bits);

}  // namespace rlx::plugin
