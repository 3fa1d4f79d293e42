// Every call to the driver and to the compiler may fail: each is made to, one after the other. What comes back is a
// status, nothing leaks, and the next attempt works.
#include "plugin/network.hpp"
#include "plugin/stand_in.hpp"

#include "catch.hpp"

using namespace tests;

namespace {

constexpr int kOutOfMemory = 2, kInvalidValue = 1;

void walk(const StandIn& library, int result) {
  whole_life();  // what is made once per process, and what pools keep
  check(plugin().entry->shutdown(0));
  const uint64_t before = library.calls(), live = live_objects();
  whole_life();
  const uint64_t calls = library.calls() - before;
  REQUIRE(calls > 0);
  uint64_t failures = 0;
  for (uint64_t n = 1; n <= calls; ++n) {
    INFO("call " << n << " of " << calls);
    library.fail(n, result);
    try {
      whole_life();
    } catch (const Failure& failure) {
      ++failures;
      CHECK(failure.code != RLX_OK);
      CHECK(std::string(failure.what()) != "");
    }
    library.fail(0, 0);
    check(plugin().entry->shutdown(0));
    REQUIRE(live_objects() == live);
  }
  // Cleaning up and capturing may fail unseen; most calls may not.
  CHECK(failures > calls / 2);
  whole_life();
}

}  // namespace

TEST_CASE("any driver call may fail", "[simt]") {
  walk(driver(), kInvalidValue);
}

TEST_CASE("any driver call may run out of memory", "[simt]") {
  walk(driver(), kOutOfMemory);
}

TEST_CASE("any compiler call may fail", "[simt]") {
  walk(compiler(), kInvalidValue);
}

TEST_CASE("an allocation that fails names its size", "[simt]") {
  Program program;
  const uint32_t x = program.input({kF32, {uint64_t{1} << 29}}), y = program.output({kF32, {uint64_t{1} << 29}});
  program.node("unary", {{"kind", "relu"}, {"alpha", 0.0}, {"beta", 0.0}}, {x}, {y});
  Runner runner(program);
  try {
    runner.finalize();
    FAIL("4 GiB fit into 1 GiB");
  } catch (const Failure& failure) {
    CHECK(failure.code == RLX_RESOURCE_EXHAUSTED);
    CHECK_THAT(failure.what(), contains_text("cannot allocate 4294967296 bytes"));
  }
}
