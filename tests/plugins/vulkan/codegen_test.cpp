// Elementwise programs as shaders: what is linked, and whether the specification's own checker takes it.
#include "catch.hpp"
#include "codegen/link.hpp"
#include "runner.hpp"

#include <unistd.h>

#include <cstdlib>

namespace {

using rlx::vulkan::Library;
using rlx::vulkan::Region;
using Of = rlx::vulkan::RegionValue::Of;

uint32_t function(const char* name) {
  const uint32_t id = Library::get().find(name);
  INFO(name);
  REQUIRE(id != 0);
  return id;
}

// y = name(x), of f32.
Region of_one(const char* name) {
  Region region;
  region.inputs.push_back({function("read_float"), RLX_DTYPE_F32});
  region.steps.push_back({function(name), {{{Of::kInput, 0}}}});
  region.outputs.push_back({function("write_float"), RLX_DTYPE_F32, {Of::kStep, 0}});
  return region;
}

// Calls every function that takes values only, of operands of its types.
Region of_all() {
  const Library& library = Library::get();
  Region region;
  region.inputs = {{function("read_float"), RLX_DTYPE_BF16}, {function("read_int"), RLX_DTYPE_U8}};
  for (const uint32_t id : library.order()) {
    const Library::Function& f = library.function(id);
    rlx::vulkan::RegionStep step{id, {}};
    bool callable = f.result_type == library.float_type() || f.result_type == library.int_type();
    if (f.parameter_types.size() > step.args.size()) callable = false;
    for (size_t i = 0; callable && i < f.parameter_types.size(); ++i) {
      const bool is_float = f.parameter_types[i] == library.float_type();
      callable = is_float || f.parameter_types[i] == library.int_type();
      step.args[i] = {Of::kInput, is_float ? 0u : 1u};
    }
    if (callable) region.steps.push_back(step);
  }
  region.outputs.push_back({function("write_float"), RLX_DTYPE_F16, {Of::kInput, 0}});
  region.outputs.push_back({function("write_int"), RLX_DTYPE_BOOL, {Of::kInput, 1}});
  return region;
}

void check_valid(const Region& region, const char* what) {
  char path[] = "/tmp/rlx-vulkan-region-XXXXXX";
  const int file = mkstemp(path);
  REQUIRE(file >= 0);
  const std::vector<uint32_t> code = link(Library::get(), region);
  const auto bytes = static_cast<ssize_t>(code.size() * sizeof code[0]);
  const bool written = write(file, code.data(), static_cast<size_t>(bytes)) == bytes;
  close(file);
  const std::string command = "spirv-val --target-env vulkan1.2 " + std::string(path);
  const int status = written ? std::system(command.c_str()) : -1;
  unlink(path);
  INFO(what);
  REQUIRE(written);
  CHECK(status == 0);
}

TEST_CASE("linked shaders are valid SPIR-V", "[vulkan]") {
  if (std::system("spirv-val --version >/dev/null 2>&1") != 0)
    RLX_SKIP("spirv-val is not installed (Debian: spirv-tools)");
  const Region all = of_all();
  CHECK(all.steps.size() > 100);
  check_valid(all, "every function");
  for (const char* name : {"float_add", "float_sin", "float_pow"}) check_valid(of_one(name), name);
}

TEST_CASE("a shader holds what its program calls, and nothing else", "[vulkan]") {
  const Library& library = Library::get();
  const auto add = link(library, of_one("float_add")), sine = link(library, of_one("float_sin"));
  const auto functions = [](const std::vector<uint32_t>& code) {
    int count = 0;
    rlx::vulkan::spirv::for_each_instruction(
        rlx::vulkan::spirv::Words(code).subspan(rlx::vulkan::spirv::kHeaderWords),
        [&](const rlx::vulkan::spirv::Instruction& i) { count += i.op() == rlx::vulkan::spirv::kFunction; });
    return count;
  };
  CHECK(functions(add) < functions(sine));
  CHECK(functions(sine) < 20);
  CHECK(functions(link(library, of_all())) > 100);
  CHECK(link(library, of_one("float_add")) == add);
  CHECK(library.find("float_") == 0);
}

TEST_CASE("a region may have more values than any device has registers", "[vulkan]") {
  constexpr uint64_t kElements = 100;
  constexpr int kLinks = 200;
  const tests::Type type{tests::kF32, {kElements}};
  tests::Program program;
  const uint32_t x = program.input(type, "x"), y = program.output(type, "y");
  const uint32_t in = program.body_tensor(type);
  std::vector<std::pair<std::vector<uint32_t>, uint32_t>> sums;
  const auto add = [&](uint32_t a, uint32_t b) {
    sums.push_back({{a, b}, program.body_tensor(type)});
    return sums.back().second;
  };
  // x, 2x, 3x, … are all alive when they are added up.
  std::vector<uint32_t> multiples = {in};
  for (int i = 0; i < kLinks; ++i) multiples.push_back(add(multiples.back(), in));
  uint32_t total = multiples.back();
  for (size_t i = multiples.size() - 1; i-- > 0;) total = add(total, multiples[i]);
  const uint32_t body = program.region({in}, {total});
  for (const auto& [from, to] : sums) program.node("binary", {{"kind", "add"}}, from, {to}, {}, body);
  program.node("fused_elementwise", {}, {x}, {y}, {body});
  tests::VulkanRunner r(program);
  r.write(x, tests::ramp(kElements));
  r.run();
  CHECK(r.read(y)[3] == 3.0f * (kLinks + 1) * (kLinks + 2) / 2);
}

}  // namespace
