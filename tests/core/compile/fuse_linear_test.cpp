// Products with known matrices take up bias and activation.
#include "core/compile/optimised.hpp"

using namespace rlx;
using tests::check_optimised;
using tests::count;
using tests::only;

namespace {

std::string product(const std::string& x, const std::string& y, const std::string& bias, const std::string& after) {
  return "graph \"g\" { %0 = input() {name=\"x\"} : f32" + x + "\n %1 = param() {name=\"w\"} : f32[4, 3]\n" +
         "%2 = param() {name=\"b\"} : f32" + bias + "\n %3 = matmul(%0, %1) : f32" + y +
         "\n %4 = binary(%3, %2) {kind=\"add\"} : f32" + y + "\n" + after + " }";
}

}  // namespace

TEST_CASE("a product, its bias and its activation become one linear", "[compile]") {
  const Graph g = check_optimised(
      product("[5, 4]", "[5, 3]", "[3]", "%5 = unary(%4) {kind=\"gelu\"} : f32[5, 3]\n output \"y\" = %5"));
  const Node& linear = only(g, "linear");
  CHECK(linear.inputs.size() == 3);
  CHECK(linear.attrs.str("activation") == "gelu");
  CHECK(count(g, "binary") + count(g, "unary") + count(g, "matmul") == 0);
}

TEST_CASE("any rank of x and any alpha of the activation will do", "[compile]") {
  const Graph g =
      check_optimised(product("[2, 5, 4]", "[2, 5, 3]", "[3]",
                              "%5 = unary(%4) {kind=\"leaky_relu\", alpha=0.3} : f32[2, 5, 3]\n output \"y\" = %5"));
  CHECK(only(g, "linear").attrs.f("alpha") == 0.3);
}

TEST_CASE("a bias with leading ones is reshaped, one along another axis stays outside", "[compile]") {
  CHECK(only(check_optimised(product("[5, 4]", "[5, 3]", "[1, 3]", "output \"y\" = %4")), "linear").inputs.size() == 3);
  const Graph g = check_optimised(product("[5, 4]", "[5, 3]", "[5, 1]", "output \"y\" = %4"));
  CHECK(only(g, "linear").inputs.size() == 2);
  CHECK(count(g, "binary") == 1);
  CHECK(only(check_optimised(product("[3, 4]", "[3, 3]", "[3, 1]", "output \"y\" = %4")), "linear").inputs.size() == 2);
}

TEST_CASE("a bias that widens the product stays outside", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[1, 4]\n %1 = param() {name=\"w\"} : f32[4, 3]\n"
      "%2 = param() {name=\"b\"} : f32[5, 3]\n %3 = matmul(%0, %1) : f32[1, 3]\n"
      "%4 = binary(%3, %2) {kind=\"add\"} : f32[5, 3]\n output \"y\" = %4 }");
  CHECK(count(g, "binary") == 1);
}

TEST_CASE("a product that is an output keeps its own value", "[compile]") {
  const Graph g = check_optimised(product("[5, 4]", "[5, 3]", "[3]", "output \"y\" = %4\n output \"raw\" = %3"));
  CHECK(only(g, "linear").inputs.size() == 2);
  CHECK(count(g, "binary") == 1);
}

TEST_CASE("transposed weights keep their layout", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[5, 4]\n %1 = param() {name=\"w\"} : f32[3, 4]\n"
      "%2 = matmul(%0, %1) {trans_b=1} : f32[5, 3]\n output \"y\" = %2 }");
  CHECK(only(g, "linear").attrs.str("w_layout") == "nk");
}

TEST_CASE("weights transposed by a node of their own are read as they lie", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[5, 4]\n %1 = param() {name=\"w\"} : f32[3, 4]\n"
      "%2 = transpose(%1) {perm=[1, 0]} : f32[4, 3]\n %3 = matmul(%0, %2) : f32[5, 3]\n output \"y\" = %3 }");
  CHECK(only(g, "linear").attrs.str("w_layout") == "nk");
  CHECK(count(g, "transpose") == 0);
}

TEST_CASE("products of two computed matrices stay products", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[5, 4]\n %1 = input() {name=\"y\"} : f32[4, 3]\n"
      "%2 = matmul(%0, %1) : f32[5, 3]\n output \"y\" = %2 }");
  CHECK(count(g, "matmul") == 1);
}

TEST_CASE("an existing linear takes up its activation", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[5, 4]\n %1 = param() {name=\"w\"} : f32[4, 3]\n"
      "%2 = param() {name=\"b\"} : f32[3]\n %3 = linear(%0, %1) {w_layout=\"kn\"} : f32[5, 3]\n"
      "%4 = binary(%3, %2) {kind=\"add\"} : f32[5, 3]\n %5 = unary(%4) {kind=\"tanh\"} : f32[5, 3]\n"
      "output \"y\" = %5 }");
  CHECK(only(g, "linear").inputs.size() == 3);
  CHECK(only(g, "linear").attrs.str("activation") == "tanh");
}
