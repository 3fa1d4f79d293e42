// The report as text and JSON, and that the compiler fills it.
#include "core/compile/optimised.hpp"

using namespace rlx;
using tests::contains_text;

TEST_CASE("the report says what was compiled, placed and fused", "[compile]") {
  CompileReport report;
  tests::optimised(tests::graph_of("graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 4]\n"
                                   "%1 = param() {name=\"w\"} : f32[4, 3]\n %2 = matmul(%0, %1) : f32[2, 3]\n"
                                   "%3 = unary(%2) {kind=\"relu\"} : f32[2, 3]\n output \"y\" = %3 }"),
                   &report);
  CHECK(report.device == "test");
  CHECK(report.nodes_before > report.nodes_after);
  CHECK(tests::fused(report, "linear") == 1);
  REQUIRE(report.ops.size() == 1);
  CHECK(report.ops[0].op == "linear");
  CHECK(report.ops[0].placement == Placement::kNative);
  CHECK_FALSE(report.passes.empty());
  CHECK_THAT(report.text(), contains_text("linear") && contains_text("test"));
}

TEST_CASE("the report's JSON survives names that are not UTF-8", "[compile]") {
  CompileReport report;
  report.device = "cpu:0";
  report.ops.push_back({"softmax", Placement::kSlow, 2, "bytes \xff \" in a reason"});
  report.fusions.push_back({"attention", 1, 2, "a hint"});
  report.passes.push_back({"fold", 3, 0.5});
  const std::string json = report.json();
  CHECK_THAT(json, contains_text("\"softmax\"") && contains_text("\"slow\"") && contains_text("\"a hint\""));
  CHECK(json.front() == '{');
  CHECK(json.back() == '}');
}

TEST_CASE("what a run launches is in the report, barriers only where the device needs them", "[compile]") {
  CompileReport report;
  report.kernel_count = 47;
  report.operand_bytes = 44'130'000;
  CHECK_THAT(report.text(), contains_text("  47 launches over operands of 44.13 MB\n"));
  CHECK_THAT(report.json(), contains_text("\"operand_bytes\": 44130000") && !contains_text("barriers"));
  report.ordering = CompileReport::Ordering{38, 176};
  CHECK_THAT(report.text(), contains_text("of 44.13 MB, 38 barriers for 176 dependencies\n"));
  CHECK_THAT(report.json(), contains_text("\"barriers\": 38") && contains_text("\"dependencies\": 176"));
}

TEST_CASE("placements have names", "[compile]") {
  CHECK(name_of(Placement::kNative) == "native");
  CHECK(name_of(Placement::kUnsupported) == "unsupported");
}
