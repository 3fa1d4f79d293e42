// Native stays, the rest is taken apart, and what cannot be is listed in one error.
#include "core/compile/optimised.hpp"

#include <set>

using namespace rlx;
using tests::count;
using tests::graph_of;

namespace {

constexpr std::string_view kNorm =
    "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 4]\n %1 = param() {name=\"gamma\"} : f32[4]\n"
    "%2 = layer_norm(%0, %1) \"norm1\" : f32[2, 4]\n output \"y\" = %2 }";

// Refuses the ops in the set.
Target without(std::set<std::string, std::less<>> refused) {
  Target target;
  target.device = "small:0";
  target.query = [refused](const Graph& g) {
    std::vector<NodeSupport> answers;
    for (NodeId id = 0; id < g.node_count(); ++id) {
      const Node& node = g.node(id);
      if (node.erased() || (node.schema->flags & kOpLeaf)) continue;
      const bool no = refused.count(node.op()) > 0;
      answers.push_back({id, no ? NodeSupport::Level::kNo : NodeSupport::Level::kNative, no ? "no kernel" : ""});
    }
    return Result<std::vector<NodeSupport>>(answers);
  };
  return target;
}

size_t placed(const CompileReport& report, std::string_view op, Placement placement) {
  size_t n = 0;
  for (const CompileReport::Op& entry : report.ops)
    if (entry.op == op && entry.placement == placement) n += entry.count;
  return n;
}

}  // namespace

TEST_CASE("what the device runs stays as it is", "[compile]") {
  CompileReport report;
  const auto g = optimise(graph_of(kNorm), {}, without({}), report);
  REQUIRE(g);
  CHECK(count(*g, "layer_norm") == 1);
  CHECK(placed(report, "layer_norm", Placement::kNative) == 1);
}

TEST_CASE("what it refuses is decomposed to the same result", "[compile]") {
  CompileReport report;
  const Graph before = graph_of(kNorm);
  const auto after = optimise(before, {}, without({"layer_norm"}), report);
  REQUIRE(after);
  CHECK(count(*after, "layer_norm") == 0);
  CHECK(placed(report, "layer_norm", Placement::kDecomposed) == 1);
  CHECK(placed(report, "reduce", Placement::kNative) > 0);
  tests::check_same_results(before, *after);
}

TEST_CASE("decompositions are taken apart further", "[compile]") {
  CompileReport report;
  const Graph before = graph_of(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 4]\n %1 = input() {name=\"r\"} : f32[2, 4]\n"
      "%2, %3 = fused_residual_norm(%0, %1) {kind=\"layer\"} : f32[2, 4], f32[2, 4]\n"
      "output \"y\" = %2\n output \"s\" = %3 }");
  const auto after = optimise(before, {}, without({"fused_residual_norm", "layer_norm"}), report);
  REQUIRE(after);
  CHECK(count(*after, "layer_norm") == 0);
  tests::check_same_results(before, *after);
}

TEST_CASE("one error lists every node that cannot run, with its name and reason", "[compile]") {
  CompileReport report;
  const auto g = optimise(graph_of("graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 4]\n"
                                   "%1 = reduce(%0) {kind=\"max\", axes=[1]} \"best\" : f32[2, 1]\n"
                                   "%3 = matmul(%0, %0) {trans_b=1} \"product\" : f32[2, 2]\n"
                                   "output \"a\" = %1\n output \"b\" = %3 }"),
                          {}, without({"reduce", "matmul"}), report);
  REQUIRE_FALSE(g);
  CHECK(g.error().code == Code::kUnimplemented);
  CHECK_THAT(g.error().message, tests::contains_text("small:0") && tests::contains_text("reduce 'best'") &&
                                    tests::contains_text("matmul 'product'") && tests::contains_text("no kernel"));
}

TEST_CASE("an answer about a node that does not exist is an error, not a crash", "[compile]") {
  Target target;
  target.query = [](const Graph&) {
    return Result<std::vector<NodeSupport>>({NodeSupport{12345, NodeSupport::Level::kNo, ""}});
  };
  CompileReport report;
  const auto g = optimise(graph_of(kNorm), {}, target, report);
  REQUIRE_FALSE(g);
  CHECK(g.error().code == Code::kInternal);
}

TEST_CASE("every decomposition computes what the op does", "[compile]") {
  const std::string body =
      GENERATE(as<std::string>(), "softmax(%0) {axis=1} : f32[2, 4, 6]", "log_softmax(%0) {axis=2} : f32[2, 4, 6]",
               "rms_norm(%0) {axis=2} : f32[2, 4, 6]", "layer_norm(%0) {axis=1} : f32[2, 4, 6]",
               "l2_norm(%0) {axis=1} : f32[2, 4, 6]", "lrn(%0) {size=3} : f32[2, 4, 6]",
               "narrow(%0) {axis=1, start=1, len=2} : f32[2, 2, 6]", "reverse(%0) {axes=[0, 2]} : f32[2, 4, 6]",
               "tile(%0) {repeats=[1, 2, 1]} : f32[2, 8, 6]", "trilu(%0) {upper=1, k=1} : f32[2, 4, 6]",
               "fused_swiglu(%0) : f32[2, 4, 3]",
               "pad(%0) {mode=\"constant\", begins=[0, 1, 0], ends=[1, 0, 2], value=2} : f32[3, 5, 8]");
  CAPTURE(body);
  const std::string op = body.substr(0, body.find('('));
  CompileReport report;
  const Graph before =
      graph_of("graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 4, 6]\n %1 = " + body + "\n output \"y\" = %1 }");
  const auto after = optimise(before, {}, without({op}), report);
  INFO((after ? std::string() : after.error().text()));
  REQUIRE(after);
  CHECK(count(*after, op) == 0);
  tests::check_same_results(before, *after);
}
