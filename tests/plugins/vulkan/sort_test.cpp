// The passes of a sort: what each op costs in dispatches and working memory. Results are for the conformance suite.
#include "runner.hpp"

namespace {

using rlx::vulkan::Shader;

struct Planned {
  std::vector<Shader> shaders;
  uint64_t scratch_bytes = 0;
};

// What becomes of rows × size floats of which the first k are kept; 0: all of them, sorted.
Planned planned(uint64_t rows, uint64_t size, uint64_t k) {
  tests::Program program;
  const uint32_t x = program.input({tests::kF32, {rows, size}}, "x");
  const uint64_t kept = k ? k : size;
  const uint32_t values = program.output({tests::kF32, {rows, kept}}, "values");
  const uint32_t positions = program.output({RLX_DTYPE_I64, {rows, kept}}, "positions");
  if (k)
    program.node("top_k", {{"axis", 1}, {"largest", true}}, {x}, {values, positions});
  else
    program.node("sort", {{"axis", 1}, {"descending", false}}, {x}, {values, positions});
  const rlx::sdk::ProgramView view(program.build());
  const rlx::vulkan::MatrixUnits none;
  rlx::vulkan::Plan plan(view.node(view.main(), 0), none);
  rlx::vulkan::plan_node(plan);
  Planned result;
  for (const rlx::vulkan::Dispatch& d : plan.dispatches()) result.shaders.push_back(d.pipeline.shader);
  result.scratch_bytes = plan.scratch_bytes();
  return result;
}

constexpr Shader kSort = Shader::k_sort, kMerge = Shader::k_merge;

TEST_CASE("a row that fits into shared memory is sorted in one pass without working memory", "[vulkan]") {
  for (const uint64_t k : {0, 1, 1024}) {
    const Planned one = planned(7, 1024, k);
    CHECK(one.shaders == std::vector<Shader>{kSort});
    CHECK(one.scratch_bytes == 0);
  }
}

TEST_CASE("longer rows are merged, two lists of positions in working memory", "[vulkan]") {
  const Planned sorted = planned(2, 5000, 0);
  CHECK(sorted.shaders == std::vector<Shader>{kSort, kMerge, kMerge, kMerge});
  CHECK(sorted.scratch_bytes == 2 * 2 * 5000 * sizeof(uint32_t));
  // Most of the row is wanted.
  CHECK(planned(2, 5000, 513).shaders == sorted.shaders);
}

TEST_CASE("the first few of a long row are chosen, and the row is never sorted", "[vulkan]") {
  // 977 chunks keep 50 each, the last of 576 elements too; 48 chunks of those, then 3.
  const Planned chosen = planned(1, 1'000'000, 50);
  CHECK(chosen.shaders == std::vector<Shader>{kSort, kSort, kSort, kSort});
  CHECK(chosen.scratch_bytes == 2 * 977 * 50 * sizeof(uint32_t));
  CHECK(planned(1, 1'000'000, 1).shaders == std::vector<Shader>{kSort, kSort});
}

}  // namespace
