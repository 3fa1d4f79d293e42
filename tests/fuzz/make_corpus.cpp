// Writes the seeds that are not text: make_corpus DIR fills DIR/program from the graphs in DIR/graph_text, and DIR/onnx
// with a small model of each family of ops. Run it as
//   ninja -C build/release tests/fuzz/make_corpus && build/release/tests/fuzz/make_corpus tests/fuzz/corpus
// after a change of the program's format. Inputs that once crashed a target (named crash-*) are not touched.
#include "frontends/onnx/model_bytes.hpp"
#include "program/default_plan.hpp"
#include "program/lower.hpp"
#include "program/serialise.hpp"

#include <rlx/graph.hpp>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace tests::onnx;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, std::string_view bytes) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// The file, and its payload: what lies behind the checksum.
rlx::Status write_program(const fs::path& text_file, const fs::path& folder) {
  std::ifstream in(text_file);
  const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  RLX_ASSIGN(rlx::Graph graph, rlx::parse_graph(text));
  rlx::Bindings bindings;
  for (const std::string& symbol : graph.symbols()) bindings[symbol] = 3;
  if (!bindings.empty()) {
    RLX_ASSIGN(graph, rlx::bind(graph, bindings));
  }
  RLX_ASSIGN(rlx::Lowered lowered, rlx::lower(graph));
  RLX_TRY(rlx::plan_arena(lowered.program, {}));
  const std::vector<std::byte> file = rlx::serialise(lowered.program);
  RLX_TRY(rlx::parse_program(file));
  const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
  write(folder / (text_file.stem().string() + ".rlxprog"), bytes);
  write(folder / (text_file.stem().string() + ".payload"), bytes.substr(40));
  return {};
}

struct Operand {
  Type type;
  Dims dims;
};

// One node over inputs a, b, ... and constants p, q, ... in this order; outputs y0, y1, ...
ModelBytes one(const std::string& op, const std::vector<Operand>& inputs, const std::vector<std::string>& constants,
               std::vector<std::string> attributes = {}, int outputs = 1) {
  ModelBytes m;
  Node node{.op = op, .name = "n"};
  node.attributes = std::move(attributes);
  for (size_t i = 0; i < inputs.size(); ++i) {
    node.inputs.emplace_back(1, static_cast<char>('a' + i));
    m.inputs.push_back(value(node.inputs.back(), inputs[i].type, inputs[i].dims));
  }
  for (size_t i = 0; i < constants.size(); ++i) {
    node.inputs.emplace_back(1, static_cast<char>('p' + i));
    m.initializers.push_back(constants[i] + Message().bytes(8, node.inputs.back()).str());
  }
  for (int i = 0; i < outputs; ++i) {
    node.outputs.push_back("y" + std::to_string(i));
    m.outputs.push_back(value(node.outputs.back(), kFloat, Dims{}));
  }
  m.nodes = {std::move(node)};
  return m;
}

// The name is added by one().
std::string ints(const Dims& values) {
  return tensor("", kInt64, {static_cast<int64_t>(values.size())}, raw(values));
}
std::string floats(const Dims& dims, const std::vector<float>& values) {
  return tensor("", kFloat, dims, raw(values));
}

// y = reshape(x, [x.shape[0], -1]) with a symbolic batch: shape arithmetic that has to be folded.
ModelBytes flatten_by_shape() {
  ModelBytes m;
  m.inputs = {value("x", kFloat, Names{"batch", "rows"})};
  m.initializers = {tensor("zero", kInt64, {1}, raw<int64_t>({0})), tensor("rest", kInt64, {1}, raw<int64_t>({-1}))};
  m.nodes = {{.op = "Shape", .inputs = {"x"}, .outputs = {"s"}},
             {.op = "Gather", .inputs = {"s", "zero"}, .outputs = {"n"}},
             {.op = "Concat", .inputs = {"n", "rest"}, .outputs = {"t"}, .attributes = {attribute("axis", int64_t{0})}},
             {.op = "Reshape", .inputs = {"x", "t"}, .outputs = {"y"}}};
  m.outputs = {value("y", kFloat, Names{"batch", "all"})};
  return m;
}

ModelBytes branch() {
  ModelBytes body = add_model(), m = add_model();
  body.inputs.clear();
  body.initializers.clear();
  m.initializers.push_back(tensor("yes", kBool, {}, raw<uint8_t>({1})));
  m.nodes = {
      {.op = "If",
       .inputs = {"yes"},
       .outputs = {"z"},
       .attributes = {attribute_graph("then_branch", body.graph()), attribute_graph("else_branch", body.graph())}}};
  m.outputs = {value("z", kFloat, Dims{2})};
  return m;
}

ModelBytes convolution_net() {
  ModelBytes m;
  m.inputs = {value("x", kFloat, Dims{1, 2, 5, 5})};
  m.initializers = {tensor("w", kFloat, {3, 2, 3, 3}, raw(std::vector<float>(54, 0.1f))),
                    tensor("b", kFloat, {3}, raw<float>({1, 2, 3}))};
  m.nodes = {
      {.op = "Conv", .inputs = {"x", "w", "b"}, .outputs = {"c"}, .attributes = {attribute("pads", Dims{1, 1, 1, 1})}},
      {.op = "BatchNormalization", .inputs = {"c", "b", "b", "b", "b"}, .outputs = {"n"}},
      {.op = "Relu", .inputs = {"n"}, .outputs = {"r"}},
      {.op = "MaxPool",
       .inputs = {"r"},
       .outputs = {"p"},
       .attributes = {attribute("kernel_shape", Dims{2, 2}), attribute("strides", Dims{2, 2})}},
      {.op = "GlobalAveragePool", .inputs = {"p"}, .outputs = {"g"}},
      {.op = "Flatten", .inputs = {"g"}, .outputs = {"f"}},
      {.op = "Softmax", .inputs = {"f"}, .outputs = {"y"}}};
  m.outputs = {value("y", kFloat, Dims{1, 3})};
  return m;
}

void write_models(const fs::path& folder) {
  const Operand square{kFloat, {2, 3}}, image{kFloat, {1, 2, 4, 4}}, code{kUint8, {2, 3}};
  const std::pair<const char*, ModelBytes> models[] = {
      {"add", add_model()},
      {"gather", gather_model({0, 3, -4})},
      {"gather_input", gather_model_with_input(2)},
      {"flatten_by_shape", flatten_by_shape()},
      {"if", branch()},
      {"conv", convolution_net()},
      {"conv_transpose", one("ConvTranspose", {image, {kFloat, {2, 1, 2, 2}}}, {}, {attribute("strides", Dims{2, 2})})},
      {"gemm", one("Gemm", {square, {kFloat, {4, 3}}, {kFloat, {4}}}, {}, {attribute("transB", int64_t{1})})},
      {"einsum", one("Einsum", {square, {kFloat, {3, 4}}}, {}, {attribute_text("equation", "ij,jk->ik")})},
      {"slice", one("Slice", {square}, {ints({-1, 1}), ints({-9, 3}), ints({0, 1}), ints({-1, 1})})},
      {"pad", one("Pad", {square}, {ints({1, 0, 0, -1})}, {attribute_text("mode", "reflect")})},
      {"split", one("Split", {square}, {ints({1, 2})}, {attribute("axis", int64_t{1})}, 2)},
      {"tile", one("Tile", {square}, {ints({2, 1})})},
      {"transpose", one("Transpose", {square}, {}, {attribute("perm", Dims{1, 0})})},
      {"top_k", one("TopK", {square}, {ints({2})}, {}, 2)},
      {"reduce", one("ReduceMean", {square}, {}, {attribute("axes", Dims{1})})},
      {"cumsum", one("CumSum", {square}, {ints({1})})},
      {"one_hot", one("OneHot", {{kInt64, {2}}}, {ints({3}), floats({2}, {0, 1})})},
      {"range", one("Range", {}, {floats({}, {0}), floats({}, {3}), floats({}, {0.5f})})},
      {"constant_of_shape", one("ConstantOfShape", {}, {ints({2, 3})})},
      {"non_zero", one("NonZero", {}, {ints({0, 1, 2, 0})})},
      {"resize", one("Upsample", {image}, {floats({4}, {1, 1, 2, 1.5f})})},
      {"quantize", one("QuantizeLinear", {square, {kFloat, {}}, {kUint8, {}}}, {})},
      {"matmul_integer", one("MatMulInteger", {code, {kUint8, {3, 2}}, {kUint8, {}}, {kUint8, {2}}}, {})},
      {"layer_norm", one("LayerNormalization", {square, {kFloat, {3}}, {kFloat, {3}}}, {}, {}, 3)},
      {"lrn", one("LRN", {image}, {}, {attribute("size", int64_t{3})})},
      {"lstm", one("LSTM", {{kFloat, {2, 1, 3}}, {kFloat, {1, 8, 3}}, {kFloat, {1, 8, 2}}}, {}, {}, 3)},
      {"max_unpool", one("MaxUnpool", {image, {kInt64, {1, 2, 4, 4}}}, {},
                         {attribute("kernel_shape", Dims{2, 2}), attribute("strides", Dims{2, 2})})},
      {"scatter",
       one("ScatterElements", {square, {kInt64, {1, 3}}, {kFloat, {1, 3}}}, {}, {attribute_text("reduction", "add")})},
      {"loss", one("SoftmaxCrossEntropyLoss", {square, {kInt64, {2}}}, {})},
      {"random", one("RandomNormal", {}, {}, {attribute("shape", Dims{2, 3})})},
      {"where", one("Where", {{kBool, {2, 3}}, square, square}, {})},
      {"cast", one("Cast", {square}, {}, {attribute("to", kInt64)})},
      {"constant", one("Constant", {}, {}, {attribute_tensor("value", tensor("", kFloat, {2}, raw<float>({1, 2})))})},
  };
  for (const auto& [name, model] : models) write(folder / (std::string(name) + ".onnx"), model.bytes());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
    return 2;
  }
  const fs::path corpus = argv[1];
  for (const auto& entry : fs::directory_iterator(corpus / "graph_text")) {
    if (entry.path().filename().string().rfind("crash-", 0) == 0) continue;
    if (const auto status = write_program(entry.path(), corpus / "program"); !status) {
      std::fprintf(stderr, "%s: %s\n", entry.path().c_str(), status.error().text().c_str());
      return 1;
    }
  }
  write_models(corpus / "onnx");
  return 0;
}
