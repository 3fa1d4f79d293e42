// What the plugin says of its device, and of machines where there is none.
#include "plugins/host/node_runner.hpp"

#include <rlx/sdk/error.hpp>

#include <unistd.h>

#include "catch.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace tests;

namespace {

// What a hidden test case says in a process of its own, where nothing is opened yet: "64: message (remedy)" for a
// status, "2 devices" or "compiled".
std::string verdict(const std::string& environment, const char* test_case = "what enumerate says") {
  char self[4096];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self);
  REQUIRE(length > 0);
  const std::string command =
      environment + " '" + std::string(self, static_cast<size_t>(length)) + "' '" + test_case + "' 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  pclose(pipe);
  const size_t at = text.find("verdict: ");
  REQUIRE(at != std::string::npos);
  return text.substr(at + 9, text.find('\n', at) - at - 9);
}

void print_verdict(rlx_status* status, const std::string& otherwise) {
  std::string said = otherwise;
  if (status) {
    const rlx_status_desc& desc = *test_host().status_read(nullptr, status);
    said = std::to_string(desc.code) + ": " + std::string(rlx::sdk::view(desc.message)) + " (" +
           std::string(rlx::sdk::view(desc.remedy)) + ")";
    test_host().status_release(nullptr, status);
  }
  std::printf("verdict: %s\n", said.c_str());
  std::fflush(stdout);
}

// A folder that a loader looks into first; what links name is found there under the names of a vendor's libraries.
class LibraryFolder {
 public:
  LibraryFolder() : path_(std::filesystem::temp_directory_path() / ("rlx-libraries-" + std::to_string(getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directory(path_);
  }
  ~LibraryFolder() { std::filesystem::remove_all(path_); }
  LibraryFolder(const LibraryFolder&) = delete;
  LibraryFolder& operator=(const LibraryFolder&) = delete;

  void link(const std::filesystem::path& name, const std::filesystem::path& file) const {
    std::filesystem::create_symlink(file, path_ / name.filename());
  }
  // A library that does not open, in front of a real one.
  void broken(const char* name) const { std::ofstream(path_ / name) << "no library"; }
  std::string environment() const { return "LD_LIBRARY_PATH='" + path_.string() + "'"; }

 private:
  std::filesystem::path path_;
};

}  // namespace

TEST_CASE("what enumerate says", "[.verdict]") {
  rlx_status* why = nullptr;
  const rlx_plugin_v1* entry = plugin_entry()(&test_host(), RLX_ABI_MINOR, RLX_ABI_OLDEST_PLUGIN_MINOR, &why);
  REQUIRE(entry);
  const void* table = nullptr;
  uint32_t version = 0, count = 0;
  check(entry->query_interface(RLX_IFACE_DEVICE, 1, &table, &version));
  rlx_status* status = static_cast<const rlx_device_table_v1*>(table)->enumerate(0, nullptr, &count);
  print_verdict(status, std::to_string(count) + " devices");
}

TEST_CASE("what compile says", "[.verdict]") {
  Program program;
  const uint32_t x = program.input({kF32, {2}}), y = program.output({kF32, {2}});
  program.node("unary", {{"kind", "relu"}, {"alpha", 0.0}, {"beta", 0.0}}, {x}, {y});
  rlx_executable* executable = nullptr;
  print_verdict(plugin().executable->compile(plugin().device, &program.build(), nullptr, &executable), "compiled");
  plugin().executable->release(executable);
}

TEST_CASE("what info says", "[.verdict]") {
  rlx_device* devices[2] = {};
  uint32_t count = 0;
  check(plugin().device_table->enumerate(2, devices, &count));
  std::string said;
  for (uint32_t i = 0; i < count; ++i) {
    rlx_device_info info{};
    info.struct_size = sizeof info;
    check(plugin().device_table->info(devices[i], &info));
    said += std::string(rlx::sdk::view(info.name)) + ", " + std::string(rlx::sdk::view(info.features)) + ", uuid " +
            std::to_string(info.uuid[0]) + "; ";
  }
  print_verdict(nullptr, said);
}

TEST_CASE("what multiplies", "[.verdict]") {
  static std::string said;
  plugin();
  // Never destroyed: the plugin keeps the table.
  static rlx_host_v1& host = *new rlx_host_v1(test_host());
  host.log = [](void*, uint32_t, rlx_str, rlx_str text) { said += "; " + std::string(rlx::sdk::view(text)); };
  rlx_status* why = nullptr;
  plugin_entry()(&host, RLX_ABI_MINOR, RLX_ABI_OLDEST_PLUGIN_MINOR, &why);
  Program program;
  const uint32_t a = program.input({kF16, {128, 128}}), b = program.input({kF16, {128, 128}}),
                 y = program.output({kF16, {128, 128}});
  program.node("matmul", {{"trans_a", 0}, {"trans_b", 0}}, {a, b}, {y});
  Runner runner(program), again(program);
  runner.finalize();
  rlx_kernel_time time{};
  uint64_t count = 0;
  check(plugin().executable->profile(runner.context(), 1, sizeof time, &time, &count));
  print_verdict(nullptr, std::string(rlx::sdk::view(time.kernel)) + said);
}

TEST_CASE("drivers that cannot be used are told apart, with a remedy", "[simt]") {
  CHECK(verdict("RLX_FAKE_DEVICES=3") == "3 devices");
  for (const char* none : {"RLX_FAKE_INIT=100", "RLX_FAKE_INIT=101"}) CHECK(verdict(none) == "0 devices");
  const std::string stub = verdict("RLX_FAKE_INIT=34"), old = verdict("RLX_FAKE_INIT=35"),
                    mismatch = verdict("RLX_FAKE_INIT=803");
  CHECK_THAT(stub, contains_text("64: "));
  CHECK_THAT(stub, contains_text("stub for linking"));
  CHECK_THAT(stub, contains_text("(install"));
  CHECK_THAT(old, contains_text("65: "));
  CHECK_THAT(old, contains_text("older than the toolkit"));
  CHECK_THAT(mismatch, contains_text("66: "));
}

TEST_CASE("a machine without the driver's library loads the plugin and says so", "[simt]") {
  const std::string said = verdict("LD_LIBRARY_PATH=");
  if (said.find(" devices") != std::string::npos) RLX_SKIP("this machine has the real driver");
  CHECK_THAT(said, contains_text("64: "));
  CHECK_THAT(said, contains_text("(install"));
}

TEST_CASE("a machine without a run-time compiler has devices that compile nothing", "[simt]") {
  const LibraryFolder folder;
  folder.link(std::getenv("RLX_TEST_DRIVER"), std::getenv("RLX_TEST_DRIVER"));
  for (const char* name : {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so", "libhiprtc.so.7",
                           "libhiprtc.so.6", "libamdhip64.so.5", "libamdhip64.so"})
    folder.broken(name);
  CHECK_THAT(verdict(folder.environment()), contains_text(" devices"));
  const std::string said = verdict(folder.environment(), "what compile says");
  CHECK_THAT(said, contains_text("64: "));
  CHECK_THAT(said, contains_text("no run-time compiler: "));
  CHECK_THAT(said, contains_text("(install "));
}

TEST_CASE("a machine without a library of products has own kernels, and the log says so once", "[simt]") {
  const LibraryFolder folder;
  for (const char* name : {"RLX_TEST_DRIVER", "RLX_TEST_COMPILER"}) folder.link(std::getenv(name), std::getenv(name));
  for (const char* name : {"libcublasLt.so.13", "libcublasLt.so.12", "libhipblaslt.so.1", "libhipblaslt.so.0"})
    folder.broken(name);
  const std::string said = verdict(folder.environment(), "what multiplies");
  CHECK_THAT(said, contains_text("matmul<f16"));
  CHECK_THAT(said, contains_text("no library of matrix products: "));
  CHECK(said.find("own kernels take over") == said.rfind("own kernels take over"));
}

TEST_CASE("a driver that lacks a symbol is too old", "[simt]") {
  const LibraryFolder folder;
  folder.link(std::getenv("RLX_TEST_DRIVER"), std::getenv("RLX_TEST_COMPILER"));
  const std::string said = verdict(folder.environment());
  CHECK_THAT(said, contains_text("65: "));
  CHECK_THAT(said, contains_text("the driver library has no "));
  CHECK_THAT(said, contains_text("(install the "));
}

TEST_CASE("instances of one GPU are devices of their own", "[simt]") {
  const std::string said = verdict("RLX_FAKE_MIG=1 RLX_FAKE_DEVICES=2", "what info says");
  if (said.find("cc") == std::string::npos) RLX_SKIP("MIG is NVIDIA's");
  CHECK(said ==
        "emulated GPU MIG 1g.1gb, warp32 cc9.0 mig, uuid 0; emulated GPU MIG 1g.1gb, warp32 cc9.0 mig, uuid 1; ");
}

TEST_CASE("the emulated GPU is described", "[simt]") {
  rlx_device_info info{};
  info.struct_size = sizeof info;
  check(plugin().device_table->info(plugin().device, &info));
  CHECK(info.kind == RLX_DEVICE_GPU_DISCRETE);
  CHECK(info.flags == (RLX_DEVICE_HAS_UUID | RLX_DEVICE_HAS_PCI));
  CHECK(rlx::sdk::view(info.name) == "emulated GPU");
  // The third is CUDA's stand-in, shown to the ROCm plugin by shim/hip.cpp.
  const std::string both = std::string(rlx::sdk::view(info.arch)) + " " + std::string(rlx::sdk::view(info.features));
  CHECK((both == "sm_90 warp32 cc9.0" || both == "gfx90a warp64" || both == "gfx1030 warp32"));
  CHECK(info.memory_total == uint64_t{1} << 30);
  CHECK(info.memory_free < info.memory_total);
  CHECK(info.pci_bus_device_function == 1u << 8);
  CHECK(info.uuid[3] == 3);
}
