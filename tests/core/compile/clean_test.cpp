// Folding, common subexpressions, dead code.
#include "core/compile/optimised.hpp"

#include <cstring>

using namespace rlx;
using tests::check_optimised;
using tests::count;
using tests::graph_of;

namespace {

// x + (1 + 2), with the constants as a node.
constexpr std::string_view kConstantSum =
    "graph \"g\" { %0 = input() {name=\"x\"} : f32[]\n %1 = constant() {value=f32[] {1}} : f32[]\n"
    "%2 = constant() {value=f32[] {2}} : f32[]\n %3 = binary(%1, %2) {kind=\"add\"} : f32[]\n"
    "%4 = binary(%0, %3) {kind=\"mul\"} : f32[]\n output \"y\" = %4 }";

Graph folded(std::string_view text, const CompileOptions& options,
             std::function<Result<std::vector<Literal>>(const Graph&)> evaluate) {
  Target target;
  target.evaluate = std::move(evaluate);
  CompileReport report;
  auto g = optimise(graph_of(text), options, target, report);
  REQUIRE(g);
  return std::move(*g);
}

Result<std::vector<Literal>> always_three(const Graph& graph) {
  REQUIRE(graph.inputs().empty());
  REQUIRE(graph.outputs().size() == 1);
  return std::vector<Literal>{Literal::scalar_f32(3)};
}

}  // namespace

TEST_CASE("nodes of constants are computed once by the evaluator", "[compile]") {
  const Graph g = folded(kConstantSum, {}, always_three);
  CHECK(count(g, "binary") == 1);
  const Literal* three = g.literal(tests::only(g, "binary").inputs[1]);
  REQUIRE(three);
  CHECK(*three == Literal::scalar_f32(3));
}

TEST_CASE("folding never fails a compile", "[compile]") {
  CHECK(count(folded(kConstantSum, {}, [](const Graph&) { return error(Code::kUnavailable, "no device"); }),
              "binary") == 2);
  CHECK(count(folded(kConstantSum, {}, nullptr), "binary") == 2);
}

TEST_CASE("an evaluator's value of another type is not believed", "[compile]") {
  const Graph g = folded(kConstantSum, {}, [](const Graph&) -> Result<std::vector<Literal>> {
    const int64_t wrong[] = {3};
    return std::vector<Literal>{Literal::i64s(wrong)};
  });
  CHECK(count(g, "binary") == 2);
}

TEST_CASE("folding keeps to its options", "[compile]") {
  CompileOptions off;
  off.fold_constants = false;
  CHECK(count(folded(kConstantSum, off, always_three), "binary") == 2);
  CompileOptions tiny;
  tiny.fold_limit_bytes = 3;
  CHECK(count(folded(kConstantSum, tiny, always_three), "binary") == 2);
}

TEST_CASE("random numbers are not folded", "[compile]") {
  const Graph g =
      folded("graph \"g\" { %0 = random_uniform() {shape=[]} : f32[]\n output \"y\" = %0 }", {}, always_three);
  CHECK(count(g, "random_uniform") == 1);
}

TEST_CASE("equal nodes become one, also through chains", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 2]\n %1 = softmax(%0) {axis=1} : f32[2, 2]\n"
      "%2 = softmax(%0) {axis=-1} : f32[2, 2]\n %3 = reduce(%1) {kind=\"sum\", axes=[0]} : f32[1, 2]\n"
      "%4 = reduce(%2) {kind=\"sum\", axes=[0]} : f32[1, 2]\n output \"a\" = %3\n output \"b\" = %4 }");
  CHECK(count(g, "softmax") == 1);
  CHECK(count(g, "reduce") == 1);
  CHECK(g.outputs()[0].value == g.outputs()[1].value);
}

TEST_CASE("nodes that differ in an attribute, a constant or their order of inputs stay two", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 2]\n %1 = softmax(%0) {axis=1} : f32[2, 2]\n"
      "%2 = softmax(%0) {axis=0} : f32[2, 2]\n %3 = binary(%1, %2) {kind=\"sub\"} : f32[2, 2]\n"
      "%4 = binary(%2, %1) {kind=\"sub\"} : f32[2, 2]\n output \"a\" = %3\n output \"b\" = %4 }");
  CHECK(count(g, "softmax") == 2);
  CHECK(count(g, "binary") == 2);
}

TEST_CASE("two draws of random numbers stay two", "[compile]") {
  const Graph g = tests::optimised(
      graph_of("graph \"g\" { %0 = random_uniform() {shape=[4]} : f32[4]\n %1 = random_uniform() {shape=[4]} : f32[4]\n"
               "%2 = concat(%0, %1) {axis=0} : f32[8]\n output \"y\" = %2 }"));
  CHECK(count(g, "random_uniform") == 2);
}

TEST_CASE("dead nodes go, writes to states and the interface stay", "[compile]") {
  const Graph g = tests::optimised(
      graph_of("graph \"g\" { %0 = input() {name=\"x\"} : f32[4]\n %1 = param() {name=\"w\"} : f32[4]\n"
               "%2 = state() {name=\"s\"} : f32[4]\n %3 = softmax(%0) : f32[4]\n %4 = reverse(%0) {axes=[0]} : f32[4]\n"
               "%5 = state_write(%2, %4) : f32[4]\n output \"y\" = %0 }"));
  CHECK(count(g, "softmax") == 0);
  CHECK(count(g, "param") == 1);
  CHECK(count(g, "state_write") == 1);
  CHECK(count(g, "reverse") == 1);
}

TEST_CASE("a graph with an unbound symbol is refused", "[compile]") {
  CompileReport report;
  const auto g = optimise(graph_of("graph \"g\" { symbols n %0 = input() {name=\"x\"} : f32[n]\n output \"y\" = %0 }"),
                          {}, {}, report);
  REQUIRE_FALSE(g);
}
