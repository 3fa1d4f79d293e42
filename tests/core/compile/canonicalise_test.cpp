// Every node that does nothing goes, and what stays is written in one way.
#include "core/compile/optimised.hpp"

using namespace rlx;
using tests::check_optimised;
using tests::count;

namespace {

// One op applied to x [2, 3] and then relu, so that the output is not the op itself.
std::string one_op(const std::string& node, const std::string& type = "f32[2, 3]") {
  return "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 3]\n %1 = " + node + " : " + type +
         "\n %2 = unary(%1) {kind=\"relu\"} : " + type + "\n output \"y\" = %2 }";
}

// Binary of x and a scalar constant.
std::string with_scalar(const std::string& kind, const std::string& scalar, bool scalar_first = false) {
  return "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 3]\n %1 = constant() {value=f32[] {" + scalar +
         "}} : f32[]\n %2 = binary(" + (scalar_first ? "%1, %0" : "%0, %1") + ") {kind=\"" + kind +
         "\"} : f32[2, 3]\n %3 = unary(%2) {kind=\"sigmoid\"} : f32[2, 3]\n output \"y\" = %3 }";
}

}  // namespace

TEST_CASE("ops that change nothing vanish", "[compile]") {
  const std::string node = GENERATE(
      as<std::string>(), "copy(%0)", "reshape(%0) {shape=[2, 3]}", "reshape(%0) {shape=[-1, 3]}",
      "transpose(%0) {perm=[0, 1]}", "cast(%0) {to=f32}", "expand(%0) {shape=[2, 3]}", "tile(%0) {repeats=[1, 1]}",
      "pad(%0) {mode=\"constant\", begins=[0, 0], ends=[0, 0]}", "slice(%0) {starts=[0, 0], ends=[2, 3], steps=[1, 1]}",
      "narrow(%0) {axis=0, start=0, len=2}", "concat(%0) {axis=0}");
  CAPTURE(node);
  const Graph g = check_optimised(one_op(node));
  CHECK(g.producer(g.outputs()[0].value).inputs[0] == g.inputs()[0]);
}

TEST_CASE("ops of the same type that do change something stay", "[compile]") {
  const std::string node =
      GENERATE(as<std::string>(), "slice(%0) {starts=[1, 2], ends=[-1, -1], steps=[-1, -1]}",
               "pad(%0) {mode=\"constant\", begins=[0, 0], ends=[0, 0], value=3}", "reverse(%0) {axes=[1]}");
  CAPTURE(node);
  check_optimised(one_op(node));
}

TEST_CASE("a square transpose is not mistaken for nothing", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[3, 3]\n %1 = transpose(%0) {perm=[1, 0]} : f32[3, 3]\n"
      "output \"y\" = %1 }");
  CHECK(count(g, "transpose") == 1);
}

TEST_CASE("chains of reshapes and of transposes become one or none", "[compile]") {
  const Graph reshapes = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 6]\n %1 = reshape(%0) {shape=[12]} : f32[12]\n"
      "%2 = reshape(%1) {shape=[3, 4]} : f32[3, 4]\n output \"y\" = %2 }");
  CHECK(count(reshapes, "reshape") == 1);
  const Graph transposes = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 3, 4]\n %1 = transpose(%0) {perm=[1, 2, 0]} : f32[3, 4, 2]\n"
      "%2 = transpose(%1) {perm=[2, 0, 1]} : f32[2, 3, 4]\n %3 = unary(%2) {kind=\"exp\"} : f32[2, 3, 4]\n"
      "output \"y\" = %3 }");
  CHECK(count(transposes, "transpose") == 0);
}

TEST_CASE("neutral scalars vanish on either side", "[compile]") {
  CHECK(count(check_optimised(with_scalar("add", "0")), "binary") == 0);
  CHECK(count(check_optimised(with_scalar("add", "0", true)), "binary") == 0);
  CHECK(count(check_optimised(with_scalar("sub", "0")), "binary") == 0);
  CHECK(count(check_optimised(with_scalar("mul", "1", true)), "binary") == 0);
  CHECK(count(check_optimised(with_scalar("div", "1")), "binary") == 0);
  CHECK(count(check_optimised(with_scalar("pow", "1")), "binary") == 0);
}

TEST_CASE("scalars that are not neutral on their side stay", "[compile]") {
  check_optimised(with_scalar("sub", "0", true));
  check_optimised(with_scalar("div", "1", true));
  check_optimised(with_scalar("pow", "1", true));
  check_optimised(with_scalar("mul", "0"));
}

TEST_CASE("a neutral operand that widens the shape stays", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[3]\n %1 = constant() {value=f32[2, 1] {0, 0}} : f32[2, 1]\n"
      "%2 = binary(%0, %1) {kind=\"add\"} : f32[2, 3]\n output \"y\" = %2 }");
  CHECK(count(g, "binary") == 1);
}

TEST_CASE("powers of two and one half become cheaper ops", "[compile]") {
  check_optimised(with_scalar("pow", "2"));
  check_optimised(with_scalar("pow", "0.5"));
  check_optimised(with_scalar("pow", "3"));
  check_optimised(with_scalar("div", "4"));
  check_optimised(with_scalar("div", "3"));
}

TEST_CASE("two negations cancel, idempotent ops apply once", "[compile]") {
  const auto chain = [](const std::string& a, const std::string& b) {
    return "graph \"g\" { %0 = input() {name=\"x\"} : f32[4]\n %1 = unary(%0) {kind=\"" + a +
           "\"} : f32[4]\n %2 = unary(%1) {kind=\"" + b + "\"} : f32[4]\n output \"y\" = %2 }";
  };
  CHECK(count(check_optimised(chain("neg", "neg")), "unary") == 0);
  CHECK(count(check_optimised(chain("relu", "relu")), "unary") == 1);
  CHECK(count(check_optimised(chain("abs", "abs")), "unary") == 1);
  check_optimised(chain("neg", "abs"));
  check_optimised(chain("exp", "exp"));
}

TEST_CASE("the names of outputs and inputs stay when all between them vanishes", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[4]\n %1 = input() {name=\"unused\"} : f32[4]\n"
      "%2 = copy(%0) : f32[4]\n output \"y\" = %2\n output \"again\" = %2 }");
  REQUIRE(g.inputs().size() == 2);
  CHECK(g.producer(g.inputs()[1]).attrs.str("name") == "unused");
  CHECK(g.outputs()[0].name == "y");
  CHECK(g.outputs()[1].value == g.inputs()[0]);
}
