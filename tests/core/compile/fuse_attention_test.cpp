// Attention spelled out with scales, masks and head transposes in the places exporters put them.
#include "core/compile/optimised.hpp"

using namespace rlx;
using tests::check_optimised;
using tests::count;
using tests::only;

namespace {

std::string attention_line(int result, const std::string& call, const std::string& type) {
  return "%" + std::to_string(result) + " = " + call + " : " + type + "\n";
}
std::string input(int result, const std::string& name, const std::string& type) {
  return attention_line(result, "input() {name=\"" + name + "\"}", type);
}

const std::string kHeads = "f32[2, 3, 5, 4]", kTokens = "f32[2, 5, 3, 4]", kScores = "f32[2, 3, 5, 5]";

// q, k, v as [B, H, S, D] in %0 to %2, scale in %3.
std::string heads() {
  return "graph \"g\" {" + input(0, "q", kHeads) + input(1, "k", kHeads) + input(2, "v", kHeads) +
         attention_line(3, "constant() {value=f32[] {0.5}}", "f32[]");
}

}  // namespace

TEST_CASE("a scaled product, softmax and product become attention", "[compile]") {
  const Graph g = check_optimised(heads() + attention_line(4, "matmul(%0, %1) {trans_b=1}", kScores) +
                                  attention_line(5, "binary(%4, %3) {kind=\"mul\"}", kScores) +
                                  attention_line(6, "softmax(%5)", kScores) +
                                  attention_line(7, "matmul(%6, %2)", kHeads) + "output \"y\" = %7 }");
  CHECK(only(g, "attention").attrs.f("scale") == 0.5);
  CHECK(count(g, "matmul") + count(g, "softmax") == 0);
}

TEST_CASE("scales on q and on k multiply", "[compile]") {
  const Graph g = check_optimised(heads() + attention_line(4, "binary(%0, %3) {kind=\"mul\"}", kHeads) +
                                  attention_line(5, "binary(%1, %3) {kind=\"div\"}", kHeads) +
                                  attention_line(6, "matmul(%4, %5) {trans_b=1}", kScores) +
                                  attention_line(7, "softmax(%6)", kScores) +
                                  attention_line(8, "matmul(%7, %2)", kHeads) + "output \"y\" = %8 }");
  CHECK(only(g, "attention").attrs.f("scale") == 1);
}

TEST_CASE("a mask that is added is a bias, broadcast as it comes", "[compile]") {
  const std::string mask = GENERATE(as<std::string>(), "f32[2, 1, 1, 5]", "f32[5, 5]", "f32[1, 3, 5, 5]");
  CAPTURE(mask);
  const Graph g = check_optimised(
      heads() + input(9, "mask", mask) + attention_line(4, "matmul(%0, %1) {trans_b=1}", kScores) +
      attention_line(5, "binary(%4, %3) {kind=\"div\"}", kScores) +
      attention_line(6, "binary(%9, %5) {kind=\"add\"}", kScores) + attention_line(7, "softmax(%6)", kScores) +
      attention_line(8, "matmul(%7, %2)", kHeads) + "output \"y\" = %8 }");
  CHECK(only(g, "attention").attrs.str("mask") == "bias");
}

TEST_CASE("a choice of minus infinity is a mask, on either side", "[compile]") {
  const std::string choice = GENERATE(as<std::string>(), "where(%9, %4, %10)", "where(%9, %10, %4)");
  CAPTURE(choice);
  const Graph g = tests::optimised(tests::graph_of(
      heads() + input(9, "mask", "bool[5, 5]") + attention_line(10, "constant() {value=f32[] {-inf}}", "f32[]") +
      attention_line(4, "matmul(%0, %1) {trans_b=1}", kScores) + attention_line(5, choice, kScores) +
      attention_line(6, "softmax(%5)", kScores) + attention_line(7, "matmul(%6, %2)", kHeads) + "output \"y\" = %7 }"));
  CHECK(only(g, "attention").attrs.str("mask") == "custom");
}

TEST_CASE("a mask by a large finite number computes the same", "[compile]") {
  check_optimised(
      heads() + input(9, "mask", "bool[5, 5]") + attention_line(10, "constant() {value=f32[] {-10000}}", "f32[]") +
      attention_line(4, "matmul(%0, %1) {trans_b=1}", kScores) + attention_line(5, "where(%9, %4, %10)", kScores) +
      attention_line(6, "softmax(%5)", kScores) + attention_line(7, "matmul(%6, %2)", kHeads) + "output \"y\" = %7 }");
}

TEST_CASE("transposes between tokens and heads are absorbed", "[compile]") {
  const std::string swap = ") {perm=[0, 2, 1, 3]}";
  const Graph g =
      check_optimised("graph \"g\" {" + input(0, "q", kTokens) + input(1, "k", kTokens) + input(2, "v", kTokens) +
                      attention_line(3, "transpose(%0" + swap, kHeads) +
                      attention_line(4, "transpose(%1) {perm=[0, 2, 3, 1]}", "f32[2, 3, 4, 5]") +
                      attention_line(5, "transpose(%2" + swap, kHeads) + attention_line(6, "matmul(%3, %4)", kScores) +
                      attention_line(7, "softmax(%6)", kScores) + attention_line(8, "matmul(%7, %5)", kHeads) +
                      attention_line(9, "transpose(%8" + swap, kTokens) +
                      attention_line(10, "reshape(%9) {shape=[2, 5, 12]}", "f32[2, 5, 12]") + "output \"y\" = %10 }");
  CHECK(only(g, "attention").attrs.str("layout") == "bshd");
  CHECK(count(g, "transpose") == 0);
}

TEST_CASE("keys transposed by a node of their own are found", "[compile]") {
  const Graph g =
      check_optimised(heads() + attention_line(4, "transpose(%1) {perm=[0, 1, 3, 2]}", "f32[2, 3, 4, 5]") +
                      attention_line(5, "matmul(%0, %4)", kScores) + attention_line(6, "softmax(%5)", kScores) +
                      attention_line(7, "matmul(%6, %2)", kHeads) + "output \"y\" = %7 }");
  only(g, "attention");
  CHECK(count(g, "transpose") == 0);
}

TEST_CASE("keys that come as columns and single heads work too", "[compile]") {
  const Graph g = check_optimised("graph \"g\" {" + input(0, "q", "f32[3, 5, 4]") + input(1, "k", "f32[3, 4, 6]") +
                                  input(2, "v", "f32[3, 6, 4]") + attention_line(3, "matmul(%0, %1)", "f32[3, 5, 6]") +
                                  attention_line(4, "softmax(%3)", "f32[3, 5, 6]") +
                                  attention_line(5, "matmul(%4, %2)", "f32[3, 5, 4]") + "output \"y\" = %5 }");
  only(g, "attention");
}

TEST_CASE("probabilities that are an output keep attention spelled out", "[compile]") {
  CompileReport report;
  const Graph g = check_optimised(
      heads() + attention_line(4, "matmul(%0, %1) {trans_b=1}", kScores) + attention_line(5, "softmax(%4)", kScores) +
          attention_line(6, "matmul(%5, %2)", kHeads) + "output \"y\" = %6\n output \"p\" = %5 }",
      &report);
  CHECK(count(g, "attention") == 0);
  bool hinted = false;
  for (const CompileReport::Fusion& f : report.fusions)
    hinted = hinted || (f.pattern == "attention" && f.missed == 1 && !f.hint.empty());
  CHECK(hinted);
}

TEST_CASE("a softmax over another axis is no attention", "[compile]") {
  const Graph g = check_optimised(heads() + attention_line(4, "matmul(%0, %1) {trans_b=1}", kScores) +
                                  attention_line(5, "softmax(%4) {axis=2}", kScores) +
                                  attention_line(6, "matmul(%5, %2)", kHeads) + "output \"y\" = %6 }");
  CHECK(count(g, "attention") == 0);
}
