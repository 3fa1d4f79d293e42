// How results are compared, and loops over every instruction set that was compiled in and that this processor has.
#pragma once

#include "agree.hpp"
#include "catch.hpp"
#include "kernels/one_node.hpp"
#include "options.hpp"

#include <hwy/highway.h>

#include <cmath>

namespace tests {

inline void expect_close(const Values& got, const Values& want, double relative, double absolute = 0) {
  REQUIRE(got.size() == want.size());
  for (size_t i = 0; i < got.size(); ++i) {
    if (agree(got[i], want[i], relative, absolute)) continue;
    FAIL("seed " << seed() << ", element " << i << ": " << got[i] << ", expected " << want[i]);
  }
}

// Calls fn once per instruction set; kernels made inside use that set.
template <typename Fn>
void for_each_target(Fn&& fn) {
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    INFO("instruction set " << hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().DeInit();
    fn();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

}  // namespace tests
