// Compiled kernels on disk: used again, rebuilt when damaged, done without where nothing can be written.
#include "plugin/stand_in.hpp"
#include "plugins/host/node_runner.hpp"

#include <rlx/sdk/error.hpp>

#include <unistd.h>

#include "catch.hpp"

#include <filesystem>
#include <fstream>

using namespace tests;

namespace {

std::string directory;

rlx_status* cache_dir(void*, rlx_str* out_path) {
  *out_path = rlx::sdk::str(directory);
  return nullptr;
}

// The plugin's host has a cache directory while this lives.
class CachingHost {
 public:
  explicit CachingHost(std::filesystem::path path) {
    directory = std::move(path);
    // Never destroyed: the plugin keeps the table.
    static rlx_host_v1& table = *new rlx_host_v1(test_host());
    table.cache_dir = cache_dir;
    enter(table);
  }
  ~CachingHost() { enter(test_host()); }

 private:
  static void enter(const rlx_host_v1& host) {
    rlx_status* why = nullptr;
    plugin_entry()(&host, RLX_ABI_MINOR, RLX_ABI_OLDEST_PLUGIN_MINOR, &why);
  }
};

std::filesystem::path fresh_directory() {
  const auto path = std::filesystem::temp_directory_path() / ("rlx-kernels-" + std::to_string(getpid()));
  std::filesystem::remove_all(path);
  std::filesystem::create_directory(path);
  return path;
}

// Compiles and runs y = relu(x); the calls that the compiler got.
uint64_t compile_relu() {
  const uint64_t before = compiler().calls();
  const Value y = run_one("unary", {{"kind", "relu"}, {"alpha", 0.0}, {"beta", 0.0}}, {f32({2}, {-1, 2})}, {kF32, {2}});
  require_close(y, {0, 2}, 0);
  return compiler().calls() - before;
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& path) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(path)) files.push_back(entry.path());
  return files;
}

}  // namespace

TEST_CASE("a compiled kernel is found again", "[simt]") {
  plugin();
  const auto path = fresh_directory();
  const CachingHost host(path);
  const uint64_t compiled = compile_relu();
  REQUIRE(files_in(path).size() == 1);
  CHECK(compile_relu() < compiled);
  CHECK(files_in(path).size() == 1);
  std::filesystem::remove_all(path);
}

TEST_CASE("a damaged kernel is built anew", "[simt]") {
  plugin();
  const auto path = fresh_directory();
  const CachingHost host(path);
  const uint64_t compiled = compile_relu();
  const auto file = files_in(path).at(0);
  const auto size = std::filesystem::file_size(file);
  SECTION("cut short") {
    std::filesystem::resize_file(file, size / 2);
  }
  SECTION("empty") {
    std::filesystem::resize_file(file, 0);
  }
  SECTION("one byte changed") {
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekp(static_cast<std::streamoff>(size / 2));
    stream.put('\x01');
  }
  CHECK(compile_relu() == compiled);
  CHECK(std::filesystem::file_size(file) == size);
  CHECK(compile_relu() < compiled);
  std::filesystem::remove_all(path);
}

TEST_CASE("a directory that cannot be written keeps nothing", "[simt]") {
  plugin();
  const CachingHost host("/proc/self/status/rlx");  // not even root can make a file below a file
  const uint64_t compiled = compile_relu();
  CHECK(compile_relu() == compiled);
}

TEST_CASE("a directory that became read-only gives what it has", "[simt]") {
  plugin();
  const auto path = fresh_directory();
  const CachingHost host(path);
  const uint64_t compiled = compile_relu();
  const auto file = files_in(path).at(0);
  std::filesystem::permissions(file, std::filesystem::perms::owner_read);
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  CHECK(compile_relu() < compiled);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  CHECK(files_in(path).size() == 1);
  std::filesystem::remove_all(path);
}
