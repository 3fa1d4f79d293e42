// The order in which places are searched, in scratch directories.
#include "plugin/search.hpp"

#include "catch.hpp"
#include "scratch_dir.hpp"

#include <unistd.h>

using namespace rlx;
using namespace rlx::plugin;

namespace {

std::vector<std::string> paths_of(const std::vector<Candidate>& candidates) {
  std::vector<std::string> paths;
  for (const Candidate& c : candidates) paths.push_back(c.path);
  return paths;
}

}  // namespace

TEST_CASE("files of a directory come sorted by the bytes of their names", "[search]") {
  const tests::ScratchDir scratch;
  for (const char* name : {"b.so", "a.so", "B.so", "a10.so", "a9.so", "c.so.1", "libx.a"}) scratch.write(name, "x");
  SearchSettings settings;
  settings.given = {scratch.path().string()};
  settings.use_defaults = false;
  CHECK(paths_of(find_candidates(settings)) == std::vector<std::string>{scratch.at("B.so"), scratch.at("a.so"),
                                                                        scratch.at("a10.so"), scratch.at("a9.so"),
                                                                        scratch.at("b.so")});
}

TEST_CASE("directories are searched in their documented order", "[search]") {
  const tests::ScratchDir scratch;
  SearchSettings s;
  s.given = {scratch.write("given/1.so", "x")};
  s.path_prepend = std::filesystem::path(scratch.write("prepend/2.so", "x")).parent_path().string();
  s.data_home = scratch.at("data");
  scratch.write("data/rlx/plugins/0/3.so", "x");
  s.library_directory = scratch.at("lib");
  scratch.write("lib/rlx/0/4.so", "x");

  std::vector<std::string> expected{scratch.at("given/1.so"), scratch.at("prepend/2.so"),
                                    scratch.at("data/rlx/plugins/0/3.so"), scratch.at("lib/rlx/0/4.so")};
  std::vector<std::string> found = paths_of(find_candidates(s));
  found.resize(expected.size());  // the machine's own plugins come after these
  CHECK(found == expected);

  SECTION("RLX_PLUGIN_PATH stands in for the default directories only") {
    s.path = std::filesystem::path(scratch.write("path/5.so", "x")).parent_path().string();
    CHECK(paths_of(find_candidates(s)) ==
          std::vector<std::string>{scratch.at("given/1.so"), scratch.at("prepend/2.so"), scratch.at("path/5.so")});
  }
  SECTION("without the defaults only what was given counts") {
    s.use_defaults = false;
    CHECK(paths_of(find_candidates(s)) == std::vector<std::string>{scratch.at("given/1.so")});
  }
}

TEST_CASE("with raised privileges the user's directories do not count", "[search]") {
  const tests::ScratchDir scratch;
  SearchSettings s;
  s.raised_privileges = true;
  s.path = s.path_prepend = s.data_home = s.home = s.library_directory = scratch.path().string();
  scratch.write("evil.so", "x");
  scratch.write("rlx/0/evil.so", "x");
  scratch.write("rlx/plugins/0/evil.so", "x");
  for (const std::string& path : paths_of(find_candidates(s))) CHECK(path.rfind("/usr/lib/", 0) == 0);
  CHECK(default_directories(s).size() == 1);
}

TEST_CASE("the user's directory falls back to HOME and must be absolute", "[search]") {
  SearchSettings s;
  s.home = "/home/somebody";
  CHECK(default_directories(s).front() == "/home/somebody/.local/share/rlx/plugins/0");
  s.data_home = "relative";
  CHECK(default_directories(s).front() == "/home/somebody/.local/share/rlx/plugins/0");
  s.data_home = "/data";
  CHECK(default_directories(s).front() == "/data/rlx/plugins/0");
}

TEST_CASE("a file is looked at once, however it is reached", "[search]") {
  const tests::ScratchDir scratch;
  scratch.write("a/x.so", "x");
  std::filesystem::create_directory(scratch.path() / "b");
  std::filesystem::create_symlink("../a/x.so", scratch.path() / "b/y.so");
  SearchSettings settings;
  settings.given = {scratch.at("a"), scratch.at("b"), scratch.at("a/x.so")};
  settings.use_defaults = false;
  CHECK(paths_of(find_candidates(settings)) == std::vector<std::string>{scratch.at("a/x.so")});
}

TEST_CASE("the current directory is never searched", "[search]") {
  const tests::ScratchDir scratch;
  scratch.write("trap.so", "x");
  scratch.write("sub/trap.so", "x");
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(scratch.path());
  SearchSettings settings;
  settings.path = ":sub:.:";
  const std::vector<Candidate> candidates = find_candidates(settings);
  std::filesystem::current_path(before);
  REQUIRE(candidates.size() == 2);
  for (const Candidate& c : candidates) {
    REQUIRE(c.refusal);
    CHECK_THAT(c.refusal->reason, tests::contains_text("not an absolute path"));
  }
}

TEST_CASE("a missing default directory is normal, a missing named path is told", "[search]") {
  SearchSettings settings;
  settings.data_home = "/nonexistent";
  settings.path = "/nonexistent/plugins";
  const std::vector<Candidate> candidates = find_candidates(settings);
  REQUIRE(candidates.size() == 1);
  REQUIRE(candidates[0].refusal);
  CHECK(candidates[0].origin == "RLX_PLUGIN_PATH");
}
