// The cache directory: where it is, who may write to it, and when there is none.
#include "plugin/cache_dir.hpp"

#include "catch.hpp"
#include "scratch_dir.hpp"

#include <sys/stat.h>

using namespace rlx;
using namespace rlx::plugin;

TEST_CASE("the cache directory is made private", "[cache]") {
  const tests::ScratchDir scratch;
  const Result<std::string> dir = make_cache_dir({scratch.at("a/b"), scratch.at("unused"), std::nullopt});
  REQUIRE(dir);
  CHECK(*dir == scratch.at("a/b"));
  struct stat info {};
  REQUIRE(::stat(dir->c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0700);
  CHECK(make_cache_dir({scratch.at("a/b"), {}, {}}));  // the second time it exists
}

TEST_CASE("the cache directory follows XDG and then HOME", "[cache]") {
  const tests::ScratchDir scratch;
  CHECK(*make_cache_dir({std::nullopt, scratch.at("xdg"), scratch.at("home")}) == scratch.at("xdg/rlx"));
  CHECK(*make_cache_dir({std::nullopt, "relative", scratch.at("home")}) == scratch.at("home/.cache/rlx"));
}

TEST_CASE("no cache directory is better than a bad one", "[cache]") {
  const tests::ScratchDir scratch;
  CHECK(make_cache_dir({"off", {}, scratch.at("home")}).error().code == Code::kNotFound);
  CHECK(make_cache_dir({}).error().code == Code::kNotFound);
  CHECK(make_cache_dir({"relative", {}, {}}).error().code == Code::kNotFound);
  CHECK(make_cache_dir({scratch.write("file", "x"), {}, {}}).error().code == Code::kNotFound);
  CHECK(make_cache_dir({"/proc/rlx", {}, {}}).error().code == Code::kNotFound);

  std::filesystem::create_directory(scratch.path() / "open");
  REQUIRE(::chmod(scratch.at("open").c_str(), 0777) == 0);
  const Result<std::string> open = make_cache_dir({scratch.at("open"), {}, {}});
  REQUIRE_FALSE(open);
  CHECK_THAT(open.error().message, tests::contains_text("written by others"));
}
