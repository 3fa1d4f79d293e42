// Convolutions take up scales, biases, batch norms, residuals and activations.
#include "core/compile/optimised.hpp"

using namespace rlx;
using tests::check_optimised;
using tests::count;
using tests::only;

namespace {

constexpr const char* kHead =
    "graph \"g\" { %0 = input() {name=\"x\"} : f32[1, 2, 4, 4]\n"
    "%1 = constant() {value=f32[3, 2, 1, 1] {0.5, -1, 2, 0.25, -0.125, 1.5}} : f32[3, 2, 1, 1]\n"
    "%2 = conv(%0, %1) : f32[1, 3, 4, 4]\n"
    "%10 = constant() {value=f32[3] {1, 2, 0.5}} : f32[3]\n %11 = constant() {value=f32[3] {0.25, 4, 1}} : f32[3]\n"
    "%12 = constant() {value=f32[3, 1, 1] {1, -2, 3}} : f32[3, 1, 1]\n";

std::string conv(const std::string& lines) {
  return kHead + lines + " }";
}

}  // namespace

TEST_CASE("a batch norm and an activation go into the convolution", "[compile]") {
  const Graph g =
      check_optimised(conv("%3 = batch_norm(%2, %10, %11, %10, %11) : f32[1, 3, 4, 4]\n"
                           "%4 = unary(%3) {kind=\"relu\"} : f32[1, 3, 4, 4]\n output \"y\" = %4"));
  const Node& fused = only(g, "fused_conv_bias_act");
  CHECK(fused.inputs.size() == 3);
  CHECK(fused.attrs.str("activation") == "relu");
  CHECK(count(g, "batch_norm") == 0);
}

TEST_CASE("scales and biases per channel go into the weights", "[compile]") {
  const Graph g =
      check_optimised(conv("%3 = binary(%2, %12) {kind=\"mul\"} : f32[1, 3, 4, 4]\n"
                           "%4 = binary(%12, %3) {kind=\"add\"} : f32[1, 3, 4, 4]\n output \"y\" = %4"));
  CHECK(only(g, "fused_conv_bias_act").inputs.size() == 3);
  CHECK(count(g, "binary") == 0);
}

TEST_CASE("a constant along another axis is no channel bias", "[compile]") {
  const Graph g =
      check_optimised(conv("%3 = constant() {value=f32[4] {1, 2, 3, 4}} : f32[4]\n"
                           "%4 = binary(%2, %3) {kind=\"add\"} : f32[1, 3, 4, 4]\n output \"y\" = %4"));
  CHECK(count(g, "binary") == 1);
}

TEST_CASE("a residual and the activation after it are taken up", "[compile]") {
  const Graph g = check_optimised(
      conv("%3 = input() {name=\"r\"} : f32[1, 3, 4, 4]\n %4 = binary(%2, %3) {kind=\"add\"} : f32[1, 3, 4, 4]\n"
           "%5 = unary(%4) {kind=\"relu\"} : f32[1, 3, 4, 4]\n output \"y\" = %5"));
  const Node& fused = only(g, "fused_conv_bias_act");
  CHECK(fused.inputs.size() == 4);
  CHECK(fused.inputs[2] == kNoValue);
}

TEST_CASE("of two convolutions in a sum one takes the other as its residual", "[compile]") {
  const Graph g = check_optimised(
      conv("%3 = constant() {value=f32[3, 2, 1, 1] {1, 2, 3, 4, 5, 6}} : f32[3, 2, 1, 1]\n"
           "%4 = conv(%0, %3) : f32[1, 3, 4, 4]\n %5 = binary(%2, %4) {kind=\"add\"} : f32[1, 3, 4, 4]\n"
           "%6 = unary(%5) {kind=\"relu\"} : f32[1, 3, 4, 4]\n output \"y\" = %6"));
  CHECK(count(g, "binary") == 0);
  CHECK(count(g, "conv") + count(g, "fused_conv_bias_act") == 2);
}

TEST_CASE("a convolution with other users keeps its own result", "[compile]") {
  const Graph g = check_optimised(
      conv("%4 = unary(%2) {kind=\"relu\"} : f32[1, 3, 4, 4]\n output \"y\" = %4\n output \"raw\" = %2"));
  CHECK(count(g, "conv") == 1);
  CHECK(count(g, "unary") == 1);
}

TEST_CASE("an activation before the residual stays outside", "[compile]") {
  check_optimised(
      conv("%3 = input() {name=\"r\"} : f32[1, 3, 4, 4]\n %4 = unary(%2) {kind=\"relu\"} : f32[1, 3, 4, 4]\n"
           "%5 = binary(%4, %3) {kind=\"add\"} : f32[1, 3, 4, 4]\n output \"y\" = %5"));
}

TEST_CASE("weights with a bias and groups are scaled per output channel", "[compile]") {
  const Graph g = check_optimised(
      "graph \"g\" { %0 = input() {name=\"x\"} : f32[2, 2, 5]\n"
      "%1 = constant() {value=f32[4, 1, 2] {1, 2, 3, 4, 5, 6, 7, 8}} : f32[4, 1, 2]\n"
      "%2 = constant() {value=f32[4] {1, -1, 2, -2}} : f32[4]\n"
      "%5 = constant() {value=f32[4] {1, 4, 0.25, 9}} : f32[4]\n"
      "%3 = conv(%0, %1, %2) {groups=2} : f32[2, 4, 4]\n"
      "%4 = batch_norm(%3, %2, %2, %2, %5) : f32[2, 4, 4]\n output \"y\" = %4 }");
  CHECK(count(g, "batch_norm") == 0);
}
