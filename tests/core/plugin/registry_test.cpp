// The registry on the plugins of tests/plugins/faulty: verdicts, devices, and finding them by name.
#include <rlx/registry.hpp>

#include "catch.hpp"
#include "plugin/device.hpp"
#include "scratch_dir.hpp"
#include "test_plugins.hpp"

#include <sys/stat.h>

using namespace rlx;
using tests::contains_text;
using tests::faulty_plugin;

namespace {

// A registry of these files, with "null" beside them; its device has to be there whatever the others do.
std::shared_ptr<Registry> registry_of(std::vector<std::string> paths, const std::string& select = "") {
  RegistryOptions options;
  options.plugin_paths = std::move(paths);
  options.plugin_paths.push_back(faulty_plugin("null"));
  options.search_defaults = false;
  options.select = select;
  Result<std::shared_ptr<Registry>> registry = Registry::create(options);
  REQUIRE(registry);
  return *registry;
}

const Verdict& verdict_for(const Registry& registry, const std::string& path) {
  for (const Verdict& v : registry.verdicts())
    if (v.path == path) return v;
  FAIL("no verdict for " << path);
  return registry.verdicts().front();
}

bool has_device(const Registry& registry, const std::string& id) {
  for (const Device& device : registry.devices())
    if (device.id() == id) return true;
  return false;
}

// The file's verdict, after checking that the good plugin beside it works.
Verdict verdict_beside_good(const std::string& path) {
  const std::shared_ptr<Registry> registry = registry_of({path});
  CHECK(has_device(*registry, "null:0"));
  CHECK(verdict_for(*registry, faulty_plugin("null")).code == VerdictCode::kLoaded);
  const Verdict verdict = verdict_for(*registry, path);
  CHECK_FALSE(verdict.reason.empty());
  CHECK_FALSE(verdict.chain.empty());
  return verdict;
}

struct Expected {
  const char* variant;
  VerdictCode code;
  const char* reason;
};

}  // namespace

TEST_CASE("the smallest plugin is loaded and its device has facts", "[registry]") {
  const std::shared_ptr<Registry> registry = registry_of({});
  REQUIRE(registry->devices().size() == 1);
  const DeviceInfo& info = registry->devices()[0].info();
  CHECK(info.id == "null:0");
  CHECK(info.plugin == "null");
  CHECK(info.kind == DeviceKind::kAccelerator);
  CHECK(info.name == "nothing at all");
  CHECK(info.numa_node == -1);
  CHECK(info.memory_total == 1 << 20);
  CHECK(info.uuid.empty());
  const Result<DeviceInfo> fresh = registry->devices()[0].refresh();
  REQUIRE(fresh);
  CHECK(fresh->id == "null:0");
  CHECK(fresh->memory_free == 1 << 20);
}

TEST_CASE("every faulty plugin has one verdict and hides no other", "[registry]") {
  const auto expected = GENERATE(values<Expected>({
      {"future_major", VerdictCode::kMajorMismatch, "major 9"},
      {"future_minor", VerdictCode::kHostTooOld, "minor 99"},
      {"wrong_sanitizer", VerdictCode::kWrongSanitizer, "memory"},
      {"strange_cpu", VerdictCode::kIsaMissing, "does not know"},
      {"bad_id", VerdictCode::kBadNote, "id"},
      {"bad_version", VerdictCode::kBadNote, "version"},
      {"missing_library", VerdictCode::kOpenFailed, "librlx_test_gone.so.7 is needed by"},
      {"undefined_symbol", VerdictCode::kOpenFailed, "rlx_test_defined_nowhere"},
      {"no_entry", VerdictCode::kNoEntry, "rlx_plugin_query_0"},
      {"entry_throws", VerdictCode::kRefused, "exception in rlx_plugin_query_0: not today"},
      {"entry_refuses", VerdictCode::kRefused, "closed on Mondays"},
      {"entry_returns_nothing", VerdictCode::kRefused, "no reason"},
      {"no_arena", VerdictCode::kBadTable, "no arena table: no such interface"},
      {"null_slot", VerdictCode::kBadTable, "lacks executable.compile"},
      {"short_table", VerdictCode::kBadTable, "executable.set_param, executable.finalize"},
      {"enumerate_throws", VerdictCode::kInitFailed, "exception in enumerate: the driver is on fire"},
      {"enumerate_throws_number", VerdictCode::kInitFailed, "exception in enumerate"},
      {"enumerate_fails", VerdictCode::kInitFailed, "DRIVER_MISSING: libtoaster.so.1 not found"},
      {"null_device", VerdictCode::kInitFailed, "NULL"},
      {"endless_devices", VerdictCode::kInitFailed, "4294967295 devices"},
      {"only_bad_devices", VerdictCode::kInitFailed, "fell off the bus"},
  }));
  INFO(expected.variant);
  const Verdict verdict = verdict_beside_good(faulty_plugin(expected.variant));
  CHECK(name_of(verdict.code) == name_of(expected.code));
  CHECK_THAT(verdict.reason, contains_text(expected.reason));
  CHECK(verdict.device_count == 0);
}

TEST_CASE("files that are no plugins have one verdict and hide no other", "[registry]") {
  const tests::ScratchDir scratch;
  const std::string good = tests::read_file(faulty_plugin("null"));

  SECTION("an empty file") {
    CHECK(verdict_beside_good(scratch.write("x.so", "")).code == VerdictCode::kNotAPlugin);
  }
  SECTION("a text file") {
    CHECK(verdict_beside_good(scratch.write("x.so", "INPUT(libfoo.so)")).code == VerdictCode::kNotAPlugin);
  }
  SECTION("a truncated plugin") {
    CHECK(verdict_beside_good(scratch.write("x.so", good.substr(0, good.size() / 2))).code == VerdictCode::kTruncated);
  }
  SECTION("a library") {
    const std::string path = (tests::faulty_plugin_dir() / "libgone.so").lexically_normal().string();
    CHECK(verdict_beside_good(path).code == VerdictCode::kNotAPlugin);
  }
  SECTION("a FIFO") {
    REQUIRE(::mkfifo(scratch.at("x.so").c_str(), 0600) == 0);
    CHECK_THAT(verdict_beside_good(scratch.at("x.so")).reason, contains_text("a FIFO"));
  }
  SECTION("a path that does not exist") {
    CHECK_THAT(verdict_beside_good(scratch.at("x.so")).reason, contains_text("No such file"));
  }
}

TEST_CASE("odd things in a plugin directory have verdicts, too", "[registry]") {
  const tests::ScratchDir scratch;
  scratch.write("a_directory.so/file", "");
  std::filesystem::create_symlink("loop_b.so", scratch.path() / "loop_a.so");
  std::filesystem::create_symlink("loop_a.so", scratch.path() / "loop_b.so");
  std::filesystem::create_symlink("nowhere.so", scratch.path() / "dangling.so");
  std::filesystem::create_symlink(faulty_plugin("fast"), scratch.path() / "link.so");
  scratch.write("readme.txt", "not looked at");

  const std::shared_ptr<Registry> registry = registry_of({scratch.path().string()});
  CHECK_THAT(verdict_for(*registry, scratch.at("a_directory.so")).reason, contains_text("a directory"));
  CHECK(verdict_for(*registry, scratch.at("loop_a.so")).code == VerdictCode::kNotAPlugin);
  CHECK(verdict_for(*registry, scratch.at("loop_b.so")).code == VerdictCode::kNotAPlugin);
  CHECK(verdict_for(*registry, scratch.at("dangling.so")).code == VerdictCode::kNotAPlugin);
  CHECK(verdict_for(*registry, scratch.at("link.so")).code == VerdictCode::kLoaded);
  CHECK(registry->verdicts().size() == 6);
  CHECK(has_device(*registry, "null:0"));
  CHECK(has_device(*registry, "fast:0"));
}

TEST_CASE("no device and a thousand devices are both fine", "[registry]") {
  const std::shared_ptr<Registry> registry = registry_of({faulty_plugin("no_devices"), faulty_plugin("many_devices")});
  CHECK(verdict_for(*registry, faulty_plugin("no_devices")).code == VerdictCode::kLoaded);
  CHECK(verdict_for(*registry, faulty_plugin("no_devices")).device_count == 0);
  CHECK(verdict_for(*registry, faulty_plugin("many_devices")).device_count == 1000);
  CHECK(has_device(*registry, "many_devices:999"));
}

TEST_CASE("a device that cannot describe itself is left out and the others stay", "[registry]") {
  const std::shared_ptr<Registry> registry = registry_of({faulty_plugin("one_bad_device")});
  const Verdict& verdict = verdict_for(*registry, faulty_plugin("one_bad_device"));
  CHECK(verdict.code == VerdictCode::kLoaded);
  CHECK(verdict.device_count == 1);
  bool told = false;
  for (const std::string& line : verdict.chain) told |= line.find("fell off the bus") != std::string::npos;
  CHECK(told);
}

TEST_CASE("a plugin with a table of an older minor is loaded", "[registry]") {
  CHECK(verdict_beside_good(faulty_plugin("older_table")).code == VerdictCode::kLoaded);
}

TEST_CASE("of one plugin's versions the highest is used and the rest is listed", "[registry]") {
  const std::shared_ptr<Registry> registry = registry_of({faulty_plugin("twice_1"), faulty_plugin("twice_2")});
  const Verdict& hidden = verdict_for(*registry, faulty_plugin("twice_1"));
  CHECK(hidden.code == VerdictCode::kHiddenBy);
  CHECK_THAT(hidden.reason, contains_text(faulty_plugin("twice_2")));
  CHECK(verdict_for(*registry, faulty_plugin("twice_2")).code == VerdictCode::kLoaded);
  CHECK(has_device(*registry, "twice:0"));
  CHECK_FALSE(has_device(*registry, "twice:1"));
}

TEST_CASE("a broken upgrade does not take the older plugin away", "[registry]") {
  const std::shared_ptr<Registry> registry = registry_of({faulty_plugin("twice_1"), faulty_plugin("twice_3")});
  CHECK(verdict_for(*registry, faulty_plugin("twice_3")).code == VerdictCode::kBadTable);
  CHECK(verdict_for(*registry, faulty_plugin("twice_1")).code == VerdictCode::kLoaded);
  CHECK(has_device(*registry, "twice:0"));
}

TEST_CASE("plugins that are not selected are not opened", "[registry]") {
  const std::shared_ptr<Registry> only_fast = registry_of({faulty_plugin("fast")}, "fast");
  CHECK(verdict_for(*only_fast, faulty_plugin("null")).code == VerdictCode::kDenied);
  CHECK(only_fast->devices().size() == 1);

  const std::shared_ptr<Registry> not_fast = registry_of({faulty_plugin("fast")}, "^fast");
  CHECK(verdict_for(*not_fast, faulty_plugin("fast")).code == VerdictCode::kDenied);
  CHECK(has_device(*not_fast, "null:0"));

  const tests::ScopedEnvironment variable("RLX_PLUGINS", "^null");
  CHECK(registry_of({faulty_plugin("fast")})->devices().size() == 1);
}

TEST_CASE("only bad options make a registry fail", "[registry]") {
  RegistryOptions options;
  options.search_defaults = false;
  options.select = "cpu,,cuda";
  const Result<std::shared_ptr<Registry>> registry = Registry::create(options);
  REQUIRE_FALSE(registry);
  CHECK(registry.error().code == Code::kInvalidArgument);

  options.select = "";
  options.plugin_paths = {"/nonexistent/rlx.so"};
  CHECK(Registry::create(options));
}

TEST_CASE("devices come in an order of their own", "[registry]") {
  const std::shared_ptr<Registry> registry = registry_of({faulty_plugin("uuid")});
  REQUIRE(registry->devices().size() == 4);
  CHECK(registry->devices()[0].id() == "null:0");
  // The plugin enumerates these with falling UUIDs.
  CHECK(registry->devices()[1].id() == "uuid:0");
  CHECK(registry->devices()[1].info().uuid == "ab000000000000000000000000000000");
  CHECK(registry->devices()[3].info().uuid == "ab000000000000000000000000000002");
  CHECK(registry->devices()[3].info().pci == "0000:41:01.0");
}

TEST_CASE("a device is found by name, number, UUID and PCI address", "[registry]") {
  const std::shared_ptr<Registry> registry = registry_of({faulty_plugin("uuid"), faulty_plugin("fast")});
  const auto found = [&](std::string_view expression) {
    const Result<Device> device = registry->find(expression);
    return device ? device->id() : std::string("nothing");
  };
  CHECK(found("fast") == "fast:0");
  CHECK(found("uuid:2") == "uuid:2");
  CHECK(found("uuid:uuid=AB000000-0000-0000-0000-000000000001") == "uuid:1");
  CHECK(found("uuid=ab000000000000000000000000000001") == "uuid:1");
  CHECK(found("pci:0000:41:01.0") == "uuid:2");
  CHECK(found("cuda,fast") == "fast:0");
  CHECK(found("null,fast") == "null:0");
  CHECK(found("uuid:3") == "nothing");
}

TEST_CASE("a device that is not there is an error that says why", "[registry]") {
  const std::shared_ptr<Registry> registry = registry_of({faulty_plugin("enumerate_fails")});
  const Result<Device> refused = registry->find("enumerate_fails");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kNotFound);
  CHECK_THAT(refused.error().message, contains_text("devices that exist: null:0"));
  CHECK_THAT(refused.error().message, contains_text("libtoaster.so.1 not found"));
  CHECK(refused.error().remedy == "install the toaster driver");

  const Result<Device> absent = registry->find("cuda:0");
  REQUIRE_FALSE(absent);
  CHECK_THAT(absent.error().message, contains_text("no file of a plugin 'cuda' was found"));
  const Result<Device> mistyped = registry_of({"/nosuch/plugins"})->find("cuda");
  REQUIRE_FALSE(mistyped);
  CHECK_THAT(mistyped.error().message, contains_text("/nosuch/plugins: file: No such file or directory"));

  const Result<Device> malformed = registry->find("null:first");
  REQUIRE_FALSE(malformed);
  CHECK(malformed.error().code == Code::kInvalidArgument);
}

TEST_CASE("the default is the best device that is not software", "[registry]") {
  const std::shared_ptr<Registry> registry = registry_of({faulty_plugin("soft"), faulty_plugin("fast")});
  const tests::ScopedEnvironment unset("RLX_DEVICE", nullptr);
  REQUIRE(registry->find(""));
  CHECK(registry->find("")->id() == "fast:0");
  CHECK(registry->find("soft")->id() == "soft:0");

  const tests::ScopedEnvironment set("RLX_DEVICE", "null");
  CHECK(registry->find("")->id() == "null:0");
}

TEST_CASE("software devices are never chosen by themselves", "[registry]") {
  RegistryOptions options;
  options.plugin_paths = {faulty_plugin("soft")};
  options.search_defaults = false;
  const Result<std::shared_ptr<Registry>> registry = Registry::create(options);
  REQUIRE(registry);
  const tests::ScopedEnvironment unset("RLX_DEVICE", nullptr);
  const Result<Device> device = (*registry)->find("");
  REQUIRE_FALSE(device);
  CHECK_THAT(device.error().message, contains_text("soft:0"));
}

TEST_CASE("without any device the error lists what was looked at", "[registry]") {
  RegistryOptions options;
  options.plugin_paths = {faulty_plugin("future_major")};
  options.search_defaults = false;
  const Result<std::shared_ptr<Registry>> registry = Registry::create(options);
  REQUIRE(registry);
  const tests::ScopedEnvironment unset("RLX_DEVICE", nullptr);
  const Result<Device> device = (*registry)->find("");
  REQUIRE_FALSE(device);
  CHECK_THAT(device.error().message, contains_text("major_mismatch"));
  CHECK_THAT(device.error().remedy, contains_text("RLX_PLUGIN_PATH"));
}

TEST_CASE("two registries share the opened plugins", "[registry]") {
  const std::shared_ptr<Registry> first = registry_of({}), second = registry_of({});
  CHECK(&first->devices()[0].impl()->device_table == &second->devices()[0].impl()->device_table);
}

TEST_CASE("an empty device handle answers without a crash", "[registry]") {
  const Device none;
  CHECK_FALSE(none);
  CHECK(none.info().id.empty());
  CHECK_FALSE(none.refresh());
}
