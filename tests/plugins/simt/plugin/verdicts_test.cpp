// What the plugin says of its device, and of machines where there is none.
#include "plugins/host/opened_plugin.hpp"

#include <rlx/sdk/error.hpp>

#include <unistd.h>

#include "catch.hpp"

#include <cstdio>
#include <cstdlib>

using namespace tests;

namespace {

// What enumerate says in a process of its own, where nothing is opened yet: "64: message (remedy)" or "2 devices".
std::string verdict(const std::string& environment) {
  char self[4096];
  const ssize_t length = readlink("/proc/self/exe", self, sizeof self);
  REQUIRE(length > 0);
  const std::string command =
      environment + " '" + std::string(self, static_cast<size_t>(length)) + "' 'what enumerate says' 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  REQUIRE(pipe);
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  pclose(pipe);
  const size_t at = text.find("verdict: ");
  REQUIRE(at != std::string::npos);
  return text.substr(at + 9, text.find('\n', at) - at - 9);
}

}  // namespace

TEST_CASE("what enumerate says", "[.verdict]") {
  rlx_status* why = nullptr;
  const rlx_plugin_v1* entry = plugin_entry()(&test_host(), RLX_ABI_MINOR, RLX_ABI_OLDEST_PLUGIN_MINOR, &why);
  REQUIRE(entry);
  const void* table = nullptr;
  uint32_t version = 0, count = 0;
  check(entry->query_interface(RLX_IFACE_DEVICE, 1, &table, &version));
  if (rlx_status* status = static_cast<const rlx_device_table_v1*>(table)->enumerate(0, nullptr, &count)) {
    const rlx_status_desc& desc = *test_host().status_read(nullptr, status);
    std::printf("verdict: %u: %s (%s)\n", desc.code, std::string(rlx::sdk::view(desc.message)).c_str(),
                std::string(rlx::sdk::view(desc.remedy)).c_str());
    test_host().status_release(nullptr, status);
  } else {
    std::printf("verdict: %u devices\n", count);
  }
  std::fflush(stdout);
}

TEST_CASE("drivers that cannot be used are told apart, with a remedy", "[simt]") {
  CHECK(verdict("RLX_FAKE_DEVICES=3") == "3 devices");
  CHECK(verdict("RLX_FAKE_INIT=100") == "0 devices");
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

TEST_CASE("the emulated GPU is described", "[simt]") {
  rlx_device_info info{};
  info.struct_size = sizeof info;
  check(plugin().device_table->info(plugin().device, &info));
  CHECK(info.kind == RLX_DEVICE_GPU_DISCRETE);
  CHECK(info.flags == (RLX_DEVICE_HAS_UUID | RLX_DEVICE_HAS_PCI));
  CHECK(rlx::sdk::view(info.name) == "emulated GPU");
  CHECK((rlx::sdk::view(info.arch) == "sm_90" || rlx::sdk::view(info.arch) == "gfx90a"));
  CHECK(info.memory_total == uint64_t{1} << 30);
  CHECK(info.memory_free < info.memory_total);
  CHECK(info.pci_bus_device_function == 1u << 8);
  CHECK(info.uuid[3] == 3);
}
