// Ops of com.microsoft.
#include "frontends/onnx/load.hpp"

using namespace tests::onnx;
using tests::contains_text;

namespace {

// Two columns of 20 numbers in blocks of 16, the second block padded. Codes 9 and 7 in turn in the first row, 0 in the
// second; scales 0.5, 1, 2, 4.
ModelBytes nbits_model() {
  ModelBytes m;
  std::vector<uint8_t> codes(16, 0x79);
  codes.resize(32, 0);
  m.opset_domain = "";
  m.inputs = {value("x", kFloat, Dims{1, 20})};
  m.outputs = {value("y", kFloat, Dims{1, 2})};
  m.initializers = {tensor("w", kUint8, {2, 2, 8}, raw(codes)), tensor("s", kFloat, {4}, raw<float>({0.5, 1, 2, 4}))};
  m.nodes = {{.op = "MatMulNBits",
              .inputs = {"x", "w", "s"},
              .outputs = {"y"},
              .attributes = {attribute("K", 20), attribute("N", 2), attribute("bits", 4), attribute("block_size", 16)},
              .name = "packed",
              .domain = "com.microsoft"}};
  return m;
}

// Of x = 1, 0, 1, 0, …: the even numbers of each row.
std::vector<float> run(const ModelBytes& m) {
  rlx::SessionOptions options;
  options.device = "ref";
  const auto model = tests::need(rlx::onnx::Model::parse(m.bytes(), {}));
  auto session = tests::need(rlx::Session::create(tests::registry(), model.source(tests::registry()), options));
  std::vector<float> even(20);
  for (size_t i = 0; i < even.size(); i += 2) even[i] = 1;
  const rlx::Tensor x = tests::f32({1, 20}, even);
  return tests::floats(tests::need(session.run({{"x", x.view()}}))[0].tensor);
}

}  // namespace

TEST_CASE("MatMulNBits has four bits around 8, and pads the last block", "[onnx]") {
  CHECK(run(nbits_model()) == std::vector<float>{8 * 0.5f + 2 * 1, 8 * -8 * 2.0f + 2 * -8 * 4});
}

TEST_CASE("MatMulNBits unpacks zero points, a byte per row here", "[onnx]") {
  ModelBytes m = nbits_model();
  m.nodes[0].inputs.push_back("z");
  m.initializers.push_back(tensor("z", kUint8, {2}, raw<uint8_t>({0x81, 0x05})));
  CHECK(run(m) == std::vector<float>{8 * 8 * 0.5f + 2 * 1, 8 * -5 * 2.0f});
  m.initializers.back() = tensor("z", kUint8, {3}, raw<uint8_t>({0x81, 0x05, 0}));
  CHECK(error_of(m) == "INVALID_ARGUMENT: MatMulNBits 'packed': zero points have shape [3], need 2 bytes");
}

TEST_CASE("MatMulNBits has bytes around 128", "[onnx]") {
  ModelBytes m = nbits_model();
  m.nodes[0].attributes[2] = attribute("bits", 8);
  std::vector<uint8_t> codes(32, 129);
  codes.resize(64, 126);
  m.initializers[0] = tensor("w", kUint8, {2, 2, 16}, raw(codes));
  CHECK(run(m) == std::vector<float>{8 * 0.5f + 2 * 1, 8 * -2 * 2.0f + 2 * -2 * 4});
}

TEST_CASE("MatMulNBits that says nonsense is refused by name", "[onnx]") {
  ModelBytes m = nbits_model();
  m.nodes[0].attributes[2] = attribute("bits", 3);
  CHECK(error_of(m) == "UNIMPLEMENTED: MatMulNBits 'packed': bits is 3, 4 and 8 are supported");
  m.nodes[0].attributes[2] = attribute("bits", 4);
  m.nodes[0].attributes[3] = attribute("block_size", 12);
  CHECK(error_of(m) == "INVALID_ARGUMENT: MatMulNBits 'packed': block_size is 12, needs a multiple of 16");
  m.nodes[0].attributes[3] = attribute("block_size", 32);
  CHECK_THAT(error_of(m), contains_text("MatMulNBits 'packed'"));
  m = nbits_model();
  m.nodes[0].attributes[1] = attribute("N", int64_t{1} << 57);
  CHECK_THAT(error_of(m), contains_text("MatMulNBits 'packed'"));
}
