// One face for Catch2 v2 (Debian 12) and v3 (Ubuntu 24.04, Debian 13). Every test includes this, never Catch2 itself.
// The tests may write TEST_CASE, SECTION, REQUIRE, GENERATE, Approx, the string and exception matchers, and what is
// declared here; anything else differs between the two versions. tests/main.cpp is the program around the tests.
#pragma once

#include <string>

#if __has_include(<catch2/catch_test_macros.hpp>)
#define RLX_CATCH_V3 1
#include <catch2/catch_approx.hpp>
#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
#else
#define RLX_CATCH_V3 0
#include <catch2/catch.hpp>
#endif

#if RLX_CATCH_V3
using Catch::Approx;
#else
namespace Catch {
using Detail::Approx;
}
#endif

namespace tests {

// Matches a text that has `part` in it: REQUIRE_THAT(status.message(), contains_text("out of range")).
// The matcher's own name changed from v2 to v3.
inline auto contains_text(const std::string& part) {
#if RLX_CATCH_V3
  return Catch::Matchers::ContainsSubstring(part);
#else
  return Catch::Matchers::Contains(part);
#endif
}

// Notes that the running test case is skipped and why; call it through RLX_SKIP. Threads: the test's own only.
void note_skip(const std::string& reason);

}  // namespace tests

// Ends the running test case (or section) as skipped: not passed, not failed. The reason is printed at the end of the
// run. Works in functions that a test calls, too. A test case with a skipped section counts as skipped, unless another
// section failed.
#if RLX_CATCH_V3
#define RLX_SKIP(reason)                        \
  do {                                          \
    const std::string rlx_skip_reason = reason; \
    ::tests::note_skip(rlx_skip_reason);        \
    SKIP(rlx_skip_reason);                      \
  } while (false)
#else
// v2 has no SKIP. This exception is how its own REQUIRE leaves a test case; without a failed assertion it is silent.
#define RLX_SKIP(reason)                   \
  do {                                     \
    ::tests::note_skip(reason);            \
    throw ::Catch::TestFailureException(); \
  } while (false)
#endif
