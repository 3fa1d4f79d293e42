// Tensors in other files: only inside the model's directory, only as many bytes as there are.
#include "core/plugin/scratch_dir.hpp"
#include "frontends/onnx/load.hpp"

#include <filesystem>

using namespace tests::onnx;
namespace fs = std::filesystem;

namespace {

using Entries = std::vector<std::pair<std::string, std::string>>;

ModelBytes model_with(const Entries& entries) {
  ModelBytes m = add_model();
  m.initializers = {external("w", kFloat, {2}, entries)};
  return m;
}

std::string error_in(const fs::path& directory, const Entries& entries) {
  return error_of(load(model_with(entries).bytes(), {}, directory.string()));
}

// What add_model() makes of x = {1, 2}.
std::vector<float> one_and_two_plus_w(const rlx::onnx::Model& model) {
  rlx::SessionOptions options;
  options.device = "ref";
  auto session = tests::need(rlx::Session::create(tests::registry(), model.source(tests::registry()), options));
  const rlx::Tensor x = tests::f32({2}, {1, 2});
  return tests::floats(tests::need(session.run({{"x", x.view()}}))[0].tensor);
}

std::string outside(const std::string& location) {
  return "PERMISSION_DENIED: tensor 'w': external data '" + location + "' lies outside the model's directory";
}

}  // namespace

TEST_CASE("external data are read from the model's directory", "[onnx]") {
  const tests::ScratchDir dir;
  dir.write("m/sub/w.bin", raw<float>({0, 10, 20}));
  const std::string path = dir.write("m/a.onnx", model_with({{"location", "sub/w.bin"}, {"offset", "4"}}).bytes());
  CHECK(one_and_two_plus_w(tests::need(rlx::onnx::Model::load(path))) == std::vector<float>{11, 22});
}

TEST_CASE("external data stay inside the model's directory", "[onnx]") {
  const tests::ScratchDir dir;
  const std::string secret = dir.write("secret.bin", raw<float>({1, 2}));
  dir.write("m/w.bin", raw<float>({1, 2}));
  const fs::path directory = dir.path() / "m";
  fs::create_symlink(secret, directory / "link.bin");
  fs::create_directory_symlink(dir.path(), directory / "up");
  for (const std::string& location :
       {std::string("../secret.bin"), std::string("sub/../../secret.bin"), secret, std::string("link.bin"),
        std::string("up/secret.bin"), std::string(""), std::string("."), std::string("/etc/passwd")}) {
    CHECK(error_in(directory, {{"location", location}}) == outside(location));
  }
  // A directory whose name only begins like the model's.
  dir.write("m2/w.bin", raw<float>({1, 2}));
  CHECK(error_in(directory, {{"location", "../m2/w.bin"}}) == outside("../m2/w.bin"));
  CHECK(error_in(directory, {}) == outside(""));
}

TEST_CASE("external data have no other place when the model's directory is gone", "[onnx]") {
  const tests::ScratchDir dir;
  const std::string elsewhere = dir.write("w.bin", raw<float>({1, 2}));
  const std::string gone = dir.at("gone");
  CHECK(error_in(gone, {{"location", elsewhere}}) ==
        "NOT_FOUND: tensor 'w': the model's directory " + gone + ": No such file or directory");
}

TEST_CASE("a data file that was cut after the model was loaded is an error and no crash", "[onnx]") {
  const tests::ScratchDir dir;
  const std::string data = dir.write("w.bin", std::string(1 << 16, '\0'));
  const auto model = tests::need(
      rlx::onnx::Model::parse(model_with({{"location", "w.bin"}, {"offset", "32768"}}).bytes(), dir.path().string()));
  const auto source = model.source(tests::registry());
  CHECK(source.build({}));
  fs::resize_file(data, 100);
  CHECK(error_of(source.build({})) ==
        "DATA_LOSS: " + data + ": was shortened from 65536 to 100 bytes while it was in use");
  fs::resize_file(data, 1 << 16);
  CHECK(source.build({}));
}

TEST_CASE("a data file may be replaced while its model is in use", "[onnx]") {
  const tests::ScratchDir dir;
  dir.write("w.bin", raw<float>({10, 20}));
  const auto model =
      tests::need(rlx::onnx::Model::parse(model_with({{"location", "w.bin"}}).bytes(), dir.path().string()));
  fs::rename(dir.write("new.bin", ""), dir.at("w.bin"));
  CHECK(one_and_two_plus_w(model) == std::vector<float>{11, 22});
}

TEST_CASE("a model without a directory has no external data", "[onnx]") {
  CHECK(error_of(load(model_with({{"location", "w.bin"}}).bytes())) ==
        "PERMISSION_DENIED: tensor 'w': external data 'w.bin' in a model that has no directory");
}

TEST_CASE("a missing data file is named", "[onnx]") {
  const tests::ScratchDir dir;
  CHECK(error_in(dir.path(), {{"location", "w.bin"}}) ==
        "NOT_FOUND: tensor 'w': external data: " + dir.at("w.bin") + ": No such file or directory");
  fs::create_directory(dir.path() / "d");
  CHECK(error_in(dir.path(), {{"location", "d"}}) ==
        "INVALID_ARGUMENT: tensor 'w': external data: " + dir.at("d") + ": not a regular file");
}

TEST_CASE("a data file shorter than offset and length is an error with all numbers", "[onnx]") {
  const tests::ScratchDir dir;
  dir.write("w.bin", std::string(10, '\0'));
  dir.write("empty.bin", "");
  const auto short_file = [](const std::string& location, int bytes, const std::string& offset) {
    return "DATA_LOSS: tensor 'w': external data '" + location + "' holds " + std::to_string(bytes) +
           " bytes, needed are 8 from offset " + offset;
  };
  CHECK(error_in(dir.path(), {{"location", "empty.bin"}}) == short_file("empty.bin", 0, "0"));
  CHECK(error_in(dir.path(), {{"location", "w.bin"}, {"offset", "3"}}) == short_file("w.bin", 10, "3"));
  CHECK(error_in(dir.path(), {{"location", "w.bin"}, {"offset", "9223372036854775807"}}) ==
        short_file("w.bin", 10, "9223372036854775807"));
}

TEST_CASE("a length that is not the tensor's is an error", "[onnx]") {
  const tests::ScratchDir dir;
  dir.write("w.bin", std::string(64, '\0'));
  CHECK(error_in(dir.path(), {{"location", "w.bin"}, {"length", "12"}}) ==
        "DATA_LOSS: tensor 'w': external data 'w.bin' has length 12, f32[2] needs 8 bytes");
}

TEST_CASE("offsets and lengths are numbers", "[onnx]") {
  const tests::ScratchDir dir;
  dir.write("w.bin", std::string(64, '\0'));
  for (const std::string text : {"", "x", "4x", "-4", "99999999999999999999", "0x10", " 4"}) {
    CHECK(error_in(dir.path(), {{"location", "w.bin"}, {"offset", text}}) ==
          "DATA_LOSS: tensor 'w': external data 'w.bin': offset '" + text + "' is not a number of bytes");
    CHECK(error_in(dir.path(), {{"location", "w.bin"}, {"length", text}}) ==
          "DATA_LOSS: tensor 'w': external data 'w.bin': length '" + text + "' is not a number of bytes");
  }
}
