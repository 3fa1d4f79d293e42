// Norms from primitives, and norms of sums.
#include "core/compile/optimised.hpp"

using namespace rlx;
using tests::check_optimised;
using tests::count;
using tests::only;

namespace {

constexpr const char* kHead =
    "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 3, 4]\n %1 = param() {name=\"gamma\"} : f32[4]\n"
    "%2 = param() {name=\"beta\"} : f32[4]\n %3 = constant() {value=f32[] {1e-5}} : f32[]\n"
    "%4 = constant() {value=f32[] {2}} : f32[]\n";

std::string norm_line(int result, const std::string& call, const std::string& type = "f32[2, 3, 4]") {
  return "%" + std::to_string(result) + " = " + call + " : " + type + "\n";
}
std::string binary(int result, const std::string& kind, const std::string& operands,
                   const std::string& type = "f32[2, 3, 4]") {
  return norm_line(result, "binary(" + operands + ") {kind=\"" + kind + "\"}", type);
}
std::string mean(int result, const std::string& x) {
  return norm_line(result, "reduce(" + x + ") {kind=\"mean\", axes=[-1]}", "f32[2, 3, 1]");
}

// d in %11, mean(d^2) + eps in %14
std::string layer_statistics(bool pow) {
  return std::string(kHead) + mean(10, "%0") + binary(11, "sub", "%0, %10") +
         (pow ? binary(12, "pow", "%11, %4") : binary(12, "mul", "%11, %11")) + mean(13, "%12") +
         binary(14, "add", "%13, %3", "f32[2, 3, 1]");
}

}  // namespace

TEST_CASE("a layer norm from primitives becomes one op with its scale and shift", "[compile]") {
  const bool pow = GENERATE(false, true);
  const std::string divided = layer_statistics(pow) + norm_line(15, "unary(%14) {kind=\"sqrt\"}", "f32[2, 3, 1]") +
                              binary(16, "div", "%11, %15") + binary(17, "mul", "%16, %1") +
                              binary(18, "add", "%17, %2") + "output \"y\" = %18 }";
  const Graph g = check_optimised(divided);
  const Node& norm = only(g, "layer_norm");
  CHECK(norm.inputs.size() == 3);
  CHECK(norm.attrs.f("eps") == Approx(1e-5));
  CHECK(count(g, "reduce") == 0);
}

TEST_CASE("a layer norm with a reciprocal root and swapped operands is found", "[compile]") {
  const std::string text = layer_statistics(false) + norm_line(15, "unary(%14) {kind=\"rsqrt\"}", "f32[2, 3, 1]") +
                           binary(16, "mul", "%15, %11") + binary(17, "mul", "%1, %16") + binary(18, "add", "%2, %17") +
                           "output \"y\" = %18 }";
  CHECK(only(check_optimised(text), "layer_norm").inputs.size() == 3);
}

TEST_CASE("an RMS norm is found", "[compile]") {
  const std::string text = std::string(kHead) + binary(10, "mul", "%0, %0") + mean(11, "%10") +
                           binary(12, "add", "%11, %3", "f32[2, 3, 1]") +
                           norm_line(13, "unary(%12) {kind=\"sqrt\"}", "f32[2, 3, 1]") + binary(14, "div", "%0, %13") +
                           binary(15, "mul", "%14, %1") + "output \"y\" = %15 }";
  const Graph g = check_optimised(text);
  CHECK(only(g, "rms_norm").inputs.size() == 2);
}

TEST_CASE("an RMS norm that multiplies by the reciprocal of a root is found", "[compile]") {
  const std::string text = std::string(kHead) + binary(10, "pow", "%0, %4") + mean(11, "%10") +
                           binary(12, "add", "%11, %3", "f32[2, 3, 1]") +
                           norm_line(13, "unary(%12) {kind=\"sqrt\"}", "f32[2, 3, 1]") +
                           norm_line(14, "unary(%13) {kind=\"recip\"}", "f32[2, 3, 1]") + binary(15, "mul", "%0, %14") +
                           binary(16, "mul", "%1, %15") + "output \"y\" = %16 }";
  CHECK(only(check_optimised(text), "rms_norm").inputs.size() == 2);
}

TEST_CASE("statistics over another axis are no norm of the last one", "[compile]") {
  const std::string text = std::string(kHead) + norm_line(10, "reduce(%0) {kind=\"mean\", axes=[0]}", "f32[1, 3, 4]") +
                           binary(11, "sub", "%0, %10") + binary(12, "mul", "%11, %11") + mean(13, "%12") +
                           binary(14, "add", "%13, %3", "f32[2, 3, 1]") +
                           norm_line(15, "unary(%14) {kind=\"sqrt\"}", "f32[2, 3, 1]") + binary(16, "div", "%11, %15") +
                           "output \"y\" = %16 }";
  CHECK(count(check_optimised(text), "layer_norm") == 0);
}

TEST_CASE("the norm of a sum gives both, and the sum's other users read it", "[compile]") {
  const std::string text = std::string(kHead) + norm_line(5, "input() {name=\"r\"}") + binary(10, "add", "%0, %5") +
                           norm_line(11, "layer_norm(%10, %1, %2)") + norm_line(12, "softmax(%10)") +
                           "output \"norm\" = %11\n output \"sum\" = %10\n output \"other\" = %12 }";
  const Graph g = check_optimised(text);
  const Node& fused = only(g, "fused_residual_norm");
  CHECK(fused.inputs.size() == 4);
  CHECK(g.outputs()[1].value == fused.outputs[1]);
  CHECK(count(g, "binary") == 0);
}

TEST_CASE("a norm whose scale comes from the sum itself is left alone", "[compile]") {
  const std::string text = std::string(kHead) + norm_line(5, "input() {name=\"r\"}") + binary(10, "add", "%0, %5") +
                           norm_line(11, "reduce(%10) {kind=\"sum\", axes=[0, 1], keep_dims=0}", "f32[4]") +
                           norm_line(12, "layer_norm(%10, %11)") + "output \"y\" = %12 }";
  CHECK(count(check_optimised(text), "layer_norm") == 1);
}
