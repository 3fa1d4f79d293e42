// CPU features and the check of what a note requires, with made-up processors where this one would not do.
#include "plugin/cpu_features.hpp"

#include "catch.hpp"

#include <rlx/plugin.h>

using namespace rlx;
using namespace rlx::plugin;
using tests::contains_text;

TEST_CASE("usable features are features of the CPU", "[cpu]") {
  const CpuFeatures host = read_cpu_features();
  CHECK((host.usable & ~host.cpu) == 0);
#if defined(__x86_64__) && defined(__GNUC__)
  // The compiler's run-time library asks both, too.
  CHECK(((host.usable & RLX_CPU_AVX2) != 0) == (__builtin_cpu_supports("avx2") != 0));
  CHECK(((host.usable & RLX_CPU_FMA) != 0) == (__builtin_cpu_supports("fma") != 0));
#endif
}

TEST_CASE("a missing feature names who lacks it", "[cpu]") {
  const CpuFeatures host{RLX_CPU_AVX | RLX_CPU_AVX2, RLX_CPU_AVX};
  CHECK(check_cpu({RLX_CPU_AVX, 0, 0, 0}, host));
  CHECK(check_cpu({0, 0, 0, 0}, host));
  CHECK_THAT(check_cpu({RLX_CPU_AVX2, 0, 0, 0}, host).error().reason,
             contains_text("the operating system does not enable avx2"));
  CHECK_THAT(check_cpu({RLX_CPU_FMA | RLX_CPU_AVX512, 0, 0, 0}, host).error().reason,
             contains_text("this CPU has no fma, this CPU has no avx512"));
  CHECK(check_cpu({1ull << 40, 0, 0, 0}, host).error().code == VerdictCode::kIsaMissing);
  CHECK(check_cpu({0, 0, 0, 1}, host).error().code == VerdictCode::kIsaMissing);
}

TEST_CASE("feature names follow their bits", "[cpu]") {
  CHECK(cpu_feature_names(0).empty());
  CHECK(cpu_feature_names(RLX_CPU_AVX2 | RLX_CPU_F16C) == "avx2 f16c");
}
