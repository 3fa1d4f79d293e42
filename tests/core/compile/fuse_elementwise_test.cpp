// Straight-line elementwise code becomes regions.
#include "core/compile/optimised.hpp"

using namespace rlx;
using tests::check_optimised;
using tests::count;
using tests::only;

namespace {

std::string elementwise_line(int result, const std::string& call, const std::string& type = "f32[2, 3]") {
  return "%" + std::to_string(result) + " = " + call + " : " + type + "\n";
}

}  // namespace

TEST_CASE("a chain becomes one region", "[compile]") {
  const Graph g = check_optimised("graph \"g\" {" + elementwise_line(0, "input() {name=\"x\"}") +
                                  elementwise_line(1, "unary(%0) {kind=\"exp\"}") +
                                  elementwise_line(2, "binary(%1, %0) {kind=\"mul\"}") +
                                  elementwise_line(3, "unary(%2) {kind=\"tanh\"}") + "output \"y\" = %3 }");
  const Node& region = only(g, "fused_elementwise");
  CHECK(region.inputs.size() == 1);
  CHECK(region.outputs.size() == 1);
  CHECK(region.regions[0].node_count() == 4);
}

TEST_CASE("operands of other shapes broadcast into the region", "[compile]") {
  const Graph g = check_optimised("graph \"g\" {" + elementwise_line(0, "input() {name=\"x\"}") +
                                  elementwise_line(1, "input() {name=\"row\"}", "f32[3]") +
                                  elementwise_line(2, "input() {name=\"column\"}", "f32[2, 1]") +
                                  elementwise_line(3, "binary(%0, %1) {kind=\"mul\"}") +
                                  elementwise_line(4, "binary(%3, %2) {kind=\"sub\"}") +
                                  elementwise_line(5, "unary(%4) {kind=\"sin\"}") + "output \"y\" = %5 }");
  CHECK(only(g, "fused_elementwise").inputs.size() == 3);
}

TEST_CASE("casts, comparisons and choices are steps too", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" {" + elementwise_line(0, "input() {name=\"x\"}") +
      elementwise_line(1, "input() {name=\"y\"}", "i32[2, 3]") + elementwise_line(2, "cast(%1) {to=f32}") +
      elementwise_line(3, "compare(%0, %2) {kind=\"lt\"}", "bool[2, 3]") + elementwise_line(4, "where(%3, %0, %2)") +
      elementwise_line(5, "clamp(%4) {lo=-1, hi=1}") + "output \"y\" = %5 }");
  CHECK(only(g, "fused_elementwise").inputs.size() == 2);
}

TEST_CASE("a lone node stays what it is", "[compile]") {
  const Graph g = check_optimised("graph \"g\" {" + elementwise_line(0, "input() {name=\"x\"}") +
                                  elementwise_line(1, "unary(%0) {kind=\"exp\"}") + "output \"y\" = %1 }");
  CHECK(count(g, "fused_elementwise") == 0);
}

TEST_CASE("values that are needed elsewhere are computed once", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" {" + elementwise_line(0, "input() {name=\"x\"}") + elementwise_line(1, "unary(%0) {kind=\"exp\"}") +
      elementwise_line(2, "unary(%1) {kind=\"sin\"}") + elementwise_line(3, "binary(%2, %1) {kind=\"add\"}") +
      elementwise_line(4, "softmax(%1)") + elementwise_line(5, "binary(%3, %4) {kind=\"mul\"}") +
      "output \"y\" = %5\n output \"e\" = %1 }");
  size_t exps = count(g, "unary");
  for (NodeId id = 0; id < g.node_count(); ++id)
    for (const Graph& region : g.node(id).regions)
      for (NodeId step = 0; step < region.node_count(); ++step) exps += region.node(step).attrs.str("kind") == "exp";
  CHECK(exps == 1);
}

TEST_CASE("a region never closes a cycle through another op", "[compile]") {
  // %1 feeds %3 directly and through softmax.
  check_optimised("graph \"g\" {" + elementwise_line(0, "input() {name=\"x\"}") +
                  elementwise_line(1, "unary(%0) {kind=\"exp\"}") + elementwise_line(2, "softmax(%1)") +
                  elementwise_line(3, "binary(%1, %2) {kind=\"add\"}") +
                  elementwise_line(4, "unary(%3) {kind=\"tanh\"}") + "output \"y\" = %4 }");
}

TEST_CASE("a region never reads a state on both sides of its write", "[compile]") {
  const Graph g = tests::optimised(tests::graph_of(
      "graph \"g\" {" + elementwise_line(0, "input() {name=\"x\"}") + elementwise_line(1, "state() {name=\"s\"}") +
      elementwise_line(2, "unary(%1) {kind=\"exp\"}") + elementwise_line(3, "state_write(%1, %0)") +
      elementwise_line(4, "binary(%2, %3) {kind=\"add\"}") + elementwise_line(5, "unary(%4) {kind=\"tanh\"}") +
      "output \"y\" = %5 }"));
  CHECK(g.order());
  CHECK(count(g, "state_write") == 1);
}

TEST_CASE("regions keep to the limit of inputs", "[compile]") {
  std::string text = "graph \"g\" {";
  for (int i = 0; i < 30; ++i) text += elementwise_line(i, "input() {name=\"x" + std::to_string(i) + "\"}");
  text += elementwise_line(100, "binary(%0, %1) {kind=\"add\"}");
  for (int i = 2; i < 30; ++i)
    text +=
        elementwise_line(99 + i, "binary(%" + std::to_string(98 + i) + ", %" + std::to_string(i) + ") {kind=\"mul\"}");
  const Graph g = check_optimised(text + "output \"y\" = %128 }");
  CHECK(count(g, "fused_elementwise") >= 2);
  for (NodeId id = 0; id < g.node_count(); ++id)
    if (g.node(id).is("fused_elementwise")) CHECK(g.node(id).inputs.size() <= 16);
}
