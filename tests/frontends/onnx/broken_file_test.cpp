// Files that are no model: missing, cut off, foreign, random.
#include "core/plugin/scratch_dir.hpp"
#include "frontends/onnx/load.hpp"
#include "options.hpp"

#include <random>

using namespace tests::onnx;
using rlx::onnx::Model;

namespace {

constexpr auto kNotAModel = "DATA_LOSS: not an ONNX model";

bool starts_with(const std::string& text, std::string_view start) {
  return text.compare(0, start.size(), start) == 0;
}

}  // namespace

TEST_CASE("a good model runs", "[onnx]") {
  const rlx::Executable executable = tests::need(load(add_model().bytes()));
  rlx::Context context = tests::need(executable.create_context());
  const rlx::Tensor x = tests::f32({2}, {1, 2});
  tests::need(context.set_input("x", x.view()));
  tests::need(context.run());
  CHECK(tests::floats(tests::need(context.output("y"))) == std::vector<float>{11, 22});
}

TEST_CASE("a file that is not there is named", "[onnx]") {
  const tests::ScratchDir dir;
  const std::string path = dir.at("gone.onnx");
  CHECK(error_of(Model::load(path)) == "NOT_FOUND: " + path + ": No such file or directory");
  CHECK(error_of(Model::load(dir.path().string())) ==
        "INVALID_ARGUMENT: " + dir.path().string() + ": not a regular file");
}

TEST_CASE("a model cut anywhere is an error or a smaller model, never a crash", "[onnx]") {
  const std::string bytes = add_model().bytes();
  size_t refused = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    CAPTURE(size);
    const std::string text = error_of(load(bytes.substr(0, size)));
    refused += !text.empty();
  }
  CHECK(refused >= bytes.size() - 8);
  // The graph is cut: protobuf itself notices.
  CHECK(error_of(Model::parse(bytes.substr(0, bytes.size() / 2))) ==
        std::string(kNotAModel) + ", or truncated: the protobuf message does not parse (" +
            std::to_string(bytes.size() / 2) + " bytes)");
}

TEST_CASE("a truncated file is named", "[onnx]") {
  const tests::ScratchDir dir;
  const std::string path = dir.write("cut.onnx", add_model().bytes().substr(0, 20));
  const std::string text = error_of(Model::load(path));
  CHECK_THAT(text, tests::contains_text(path));
  CHECK_THAT(text, tests::contains_text("not an ONNX model"));
}

TEST_CASE("files of other kinds are no models", "[onnx]") {
  const std::string elf(
      "\x7f"
      "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\x3e\0",
      20);
  const std::string png("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  for (const std::string& bytes : {std::string(), elf, png, std::string("{\"model\": 1}"), std::string(4096, '\0')}) {
    CAPTURE(bytes.size());
    CHECK(starts_with(error_of(Model::parse(bytes)), kNotAModel));
  }
}

TEST_CASE("a message without a graph or an opset is no model", "[onnx]") {
  CHECK(error_of(Model::parse(Message().number(1, 8).str())) == std::string(kNotAModel) + ": it has no graph");
  CHECK(error_of(Model::parse(Message().bytes(7, add_model().graph()).str())) ==
        std::string(kNotAModel) + ": it has no opset");
}

TEST_CASE("an opset of the future is not guessed at", "[onnx]") {
  auto model = add_model();
  model.opset = 99;
  CHECK_THAT(error_of(model), tests::contains_text("opset 99 of ai.onnx is not supported (7 to 21 are)"));
  model.opset = -1;
  CHECK_THAT(error_of(model), tests::contains_text("opset -1"));
}

TEST_CASE("a model without an opset of the default domain says so, not that opset 0 is too old", "[onnx]") {
  auto model = add_model();
  model.opset_domain = "com.example";
  model.opset = 3;
  CHECK(error_of(model) ==
        "INVALID_ARGUMENT: Add 'sum': the model imports no opset of the domain ai.onnx, only 'com.example' 3");
  model.nodes[0].domain = "com.example";
  CHECK(error_of(model) == "UNIMPLEMENTED: 1 node is not supported: Add 'sum' (domain 'com.example')");
}

TEST_CASE("random bytes are refused", "[onnx]") {
  CAPTURE(tests::seed());
  std::mt19937 random(tests::seed());
  for (int round = 0; round < 2000; ++round) {
    CAPTURE(round);
    std::string bytes(random() % 512, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    CHECK(starts_with(error_of(Model::parse(bytes)), kNotAModel));
  }
}

TEST_CASE("a model with changed bytes is an error in one line or another model", "[onnx]") {
  CAPTURE(tests::seed());
  std::mt19937 random(tests::seed() + 1);
  const std::string good = gather_model({0, 3, -4}).bytes();
  size_t refused = 0;
  for (int round = 0; round < 1000; ++round) {
    CAPTURE(round);
    std::string bytes = good;
    for (uint32_t i = 0; i <= random() % 3; ++i)
      bytes[random() % bytes.size()] = static_cast<char>(random() % 2 ? random() : random() % 16);
    refused += !error_of(load(bytes)).empty();
  }
  CHECK(refused > 500);
}
