// cpuid and XCR0; cpu_features.hpp says why both.
#include "plugin/cpu_features.hpp"

#include <rlx/plugin.h>

#include <fmt/format.h>
#include <vector>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace rlx::plugin {

namespace {

struct Feature {
  uint64_t bit;
  const char* name;
};
constexpr Feature kFeatures[] = {
    {RLX_CPU_AVX, "avx"},   {RLX_CPU_AVX2, "avx2"},     {RLX_CPU_FMA, "fma"},
    {RLX_CPU_F16C, "f16c"}, {RLX_CPU_AVX512, "avx512"},
};

#if defined(__x86_64__)
constexpr uint32_t kOsxsave = 1u << 27;
constexpr uint64_t kXcr0Avx = 0x06;     // XMM and YMM halves
constexpr uint64_t kXcr0Avx512 = 0xe6;  // and the opmask and ZMM state
// Foundation, DQ, CD, BW and VL: what compilers mean by x86-64-v4.
constexpr uint32_t kAvx512 = 1u << 16 | 1u << 17 | 1u << 28 | 1u << 30 | 1u << 31;

uint64_t read_xcr0() {
  uint32_t low = 0, high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t{high} << 32 | low;
}
#endif

}  // namespace

CpuFeatures read_cpu_features() {
  CpuFeatures features;
#if defined(__x86_64__)
  uint32_t a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return features;
  if (c & bit_AVX) features.cpu |= RLX_CPU_AVX;
  if (c & bit_FMA) features.cpu |= RLX_CPU_FMA;
  if (c & bit_F16C) features.cpu |= RLX_CPU_F16C;
  const uint64_t xcr0 = (c & kOsxsave) ? read_xcr0() : 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    if (b & bit_AVX2) features.cpu |= RLX_CPU_AVX2;
    if ((b & kAvx512) == kAvx512) features.cpu |= RLX_CPU_AVX512;
  }
  if ((xcr0 & kXcr0Avx) == kXcr0Avx) features.usable = features.cpu & ~uint64_t{RLX_CPU_AVX512};
  if ((xcr0 & kXcr0Avx512) == kXcr0Avx512) features.usable = features.cpu;
#endif
  return features;
}

std::string cpu_feature_names(uint64_t bits) {
  std::string names;
  for (const Feature& f : kFeatures)
    if (bits & f.bit) names += (names.empty() ? "" : " ") + std::string(f.name);
  return names;
}

Checked<void> check_cpu(const uint64_t (&required)[4], const CpuFeatures& features) {
  uint64_t unknown = required[0];
  std::vector<std::string> reasons;
  for (const Feature& f : kFeatures) {
    unknown &= ~f.bit;
    if (!(required[0] & f.bit) || (features.usable & f.bit)) continue;
    reasons.push_back(features.cpu & f.bit ? fmt::format("the operating system does not enable {}", f.name)
                                           : fmt::format("this CPU has no {}", f.name));
  }
  if (unknown || required[1] || required[2] || required[3])
    reasons.push_back("the plugin requires a feature that this host does not know");
  if (reasons.empty()) return {};
  return refuse(VerdictCode::kIsaMissing, fmt::format("cpu: {}", fmt::join(reasons, ", ")),
                "install a build of the plugin for this processor");
}

}  // namespace rlx::plugin
