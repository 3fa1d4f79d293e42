// The seeds of the fuzz target are models that load, so that fuzzing starts behind the first checks.
#include "core/plugin/scratch_dir.hpp"
#include "frontends/onnx/load.hpp"

#include <filesystem>

using namespace tests::onnx;

TEST_CASE("every seed of the fuzz target loads and compiles", "[onnx]") {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RLX_ONNX_SEEDS)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("crash-", 0) == 0) continue;
    CAPTURE(name);
    const std::string bytes = tests::read_file(entry.path().string());
    rlx::Bindings bindings;
    const auto model = tests::need(rlx::onnx::Model::parse(bytes));
    for (const std::string& symbol : model.symbols()) bindings[symbol] = 2;
    CHECK(error_of(load(bytes, bindings)) == "");
    ++count;
  }
  CHECK(count > 20);
}
