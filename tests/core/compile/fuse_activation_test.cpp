// Spelled-out activations, in the forms exporters write.
#include "core/compile/optimised.hpp"

using namespace rlx;
using tests::check_optimised;
using tests::count;
using tests::only;

namespace {

// Scalars s0 … of the given values, then x, then the lines.
std::string spelled(const std::vector<std::string>& scalars, const std::string& lines) {
  std::string text = "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 5]\n";
  for (size_t i = 0; i < scalars.size(); ++i)
    text += "%" + std::to_string(100 + i) + " = constant() {value=f32[] {" + scalars[i] + "}} : f32[]\n";
  return text + lines + " }";
}

std::string binary(int result, const std::string& kind, const std::string& a, const std::string& b) {
  return "%" + std::to_string(result) + " = binary(" + a + ", " + b + ") {kind=\"" + kind + "\"} : f32[2, 5]\n";
}
std::string unary(int result, const std::string& kind, const std::string& x) {
  return "%" + std::to_string(result) + " = unary(" + x + ") {kind=\"" + kind + "\"} : f32[2, 5]\n";
}

}  // namespace

TEST_CASE("GELU with erf is found however its factors are grouped", "[compile]") {
  const std::vector<std::string> scalars = {"1.4142135", "1", "0.5", "0.70710677"};
  const std::string erf = binary(1, "div", "%0", "%100") + unary(2, "erf", "%1") + binary(3, "add", "%2", "%101");
  const std::string lines = GENERATE_COPY(
      as<std::string>(), erf + binary(4, "mul", "%0", "%3") + binary(5, "mul", "%4", "%102") + "output \"y\" = %5",
      erf + binary(4, "mul", "%0", "%102") + binary(5, "mul", "%4", "%3") + "output \"y\" = %5",
      erf + binary(4, "mul", "%102", "%3") + binary(5, "mul", "%0", "%4") + "output \"y\" = %5",
      binary(1, "mul", "%0", "%103") + unary(2, "erf", "%1") + binary(3, "add", "%101", "%2") +
          binary(4, "mul", "%3", "%102") + binary(5, "mul", "%4", "%0") + "output \"y\" = %5");
  const Graph g = check_optimised(spelled(scalars, lines));
  CHECK(only(g, "unary").attrs.str("kind") == "gelu");
  CHECK(count(g, "binary") == 0);
}

TEST_CASE("GELU with tanh is found with a power and with products", "[compile]") {
  const std::vector<std::string> scalars = {"0.044715", "0.7978846", "1", "0.5", "3"};
  const std::string tail = binary(4, "add", "%0", "%3") + binary(5, "mul", "%4", "%101") + unary(6, "tanh", "%5") +
                           binary(7, "add", "%6", "%102") + binary(8, "mul", "%0", "%7") +
                           binary(9, "mul", "%8", "%103") + "output \"y\" = %9";
  const std::string lines = GENERATE_COPY(
      as<std::string>(), binary(1, "pow", "%0", "%104") + binary(3, "mul", "%1", "%100") + tail,
      binary(1, "mul", "%0", "%0") + binary(2, "mul", "%1", "%0") + binary(3, "mul", "%2", "%100") + tail);
  const Graph g = check_optimised(spelled(scalars, lines));
  CHECK(only(g, "unary").attrs.str("kind") == "gelu_tanh");
}

TEST_CASE("x times its sigmoid is SiLU, on either side", "[compile]") {
  const std::string order = GENERATE(as<std::string>(), "ab", "ba");
  const std::string lines = unary(1, "sigmoid", "%0") +
                            (order == "ab" ? binary(2, "mul", "%0", "%1") : binary(2, "mul", "%1", "%0")) +
                            "output \"y\" = %2";
  CHECK(only(check_optimised(spelled({}, lines)), "unary").attrs.str("kind") == "silu");
}

TEST_CASE("hard-swish is found as a clamp", "[compile]") {
  const std::string lines = binary(1, "add", "%0", "%100") + "%2 = clamp(%1) {lo=0, hi=6} : f32[2, 5]\n" +
                            binary(3, "mul", "%0", "%2") + binary(4, "div", "%3", "%101") + "output \"y\" = %4";
  CHECK(only(check_optimised(spelled({"3", "6"}, lines)), "unary").attrs.str("kind") == "hard_swish");
}

TEST_CASE("products that only look like activations stay", "[compile]") {
  const std::string lines =
      GENERATE(as<std::string>(),
               // Another factor than one half, another scale inside, the sigmoid of something else.
               binary(1, "div", "%0", "%100") + unary(2, "erf", "%1") + binary(3, "add", "%2", "%101") +
                   binary(4, "mul", "%0", "%3") + binary(5, "mul", "%4", "%101") + "output \"y\" = %5",
               binary(1, "div", "%0", "%102") + unary(2, "erf", "%1") + binary(3, "add", "%2", "%101") +
                   binary(4, "mul", "%0", "%3") + binary(5, "mul", "%4", "%102") + "output \"y\" = %5",
               unary(1, "exp", "%0") + unary(2, "sigmoid", "%1") + binary(3, "mul", "%0", "%2") + "output \"y\" = %3");
  const Graph g = check_optimised(spelled({"1.4142135", "1", "0.5"}, lines));
  for (NodeId id = 0; id < g.node_count(); ++id) {
    CHECK(g.node(id).attrs.str("kind") != "gelu");
    CHECK(g.node(id).attrs.str("kind") != "silu");
  }
}
