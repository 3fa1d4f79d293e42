// Files that appear whole or not at all, with the interrupts and failures that would leave a part.
#include "catch.hpp"

#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <whole_file.hpp>

namespace {

namespace fs = std::filesystem;
using rlx::tools::write_whole;

class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "rlx_whole_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Scratch() { fs::remove_all(path_); }
  std::string file() const { return (path_ / "out.npy").string(); }
  std::string content() const {
    std::ifstream in(file());
    return {std::istreambuf_iterator<char>(in), {}};
  }
  size_t count() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

rlx::Status write_text(const std::string& path, const char* text) {
  return write_whole(path, [&](std::ostream& out) { out << text; });
}

TEST_CASE("a file is written and replaced", "[tools]") {
  const Scratch scratch;
  REQUIRE(write_text(scratch.file(), "one"));
  CHECK(scratch.content() == "one");
  REQUIRE(write_text(scratch.file(), "two"));
  CHECK(scratch.content() == "two");
  CHECK(scratch.count() == 1);
}

TEST_CASE("an interrupt leaves the old file and no part of the new one", "[tools]") {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Scratch scratch;
    REQUIRE(write_text(scratch.file(), "old"));
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      std::signal(signal, SIG_DFL);  // a shell's background job starts with SIGINT ignored
      const auto written = write_whole(scratch.file(), [&](std::ostream& out) {
        out << "half" << std::flush;
        if (scratch.count() != 2) _exit(3);  // the part is there now
        std::raise(signal);
      });
      _exit(written ? 1 : 2);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK(scratch.content() == "old");
    CHECK(scratch.count() == 1);
  }
}

TEST_CASE("signals are handled as before once a file is written", "[tools]") {
  const Scratch scratch;
  struct sigaction before {
  }, after{};
  sigaction(SIGINT, nullptr, &before);
  REQUIRE(write_text(scratch.file(), "x"));
  sigaction(SIGINT, nullptr, &after);
  CHECK(before.sa_handler == after.sa_handler);
}

TEST_CASE("a write that fails leaves nothing and names the path", "[tools]") {
  const Scratch scratch;
  const auto failed = write_whole(scratch.file(), [](std::ostream& out) { out.setstate(std::ios::failbit); });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().text().find(scratch.file()) != std::string::npos);
  CHECK(scratch.count() == 0);
  const auto nowhere = write_text(scratch.file() + "/deeper", "x");
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().text().find("No such file or directory") != std::string::npos);
}

TEST_CASE("a device is written to and not replaced", "[tools]") {
  REQUIRE(write_text("/dev/null", "x"));
  CHECK(fs::is_character_file("/dev/null"));
}

}  // namespace
