// A device that is lost in the middle of a run, and a process that is forked: statuses, and life goes on elsewhere.
#include "plugin/network.hpp"
#include "plugin/said.hpp"
#include "plugin/stand_in.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "catch.hpp"

#include <array>
#include <functional>

using namespace tests;

namespace {

std::array<rlx_device*, 2> two_devices() {
  std::array<rlx_device*, 2> devices{};
  uint32_t count = 0;
  check(plugin().device_table->enumerate(2, devices.data(), &count));
  REQUIRE(count == 2);
  return devices;
}

constexpr uint32_t kLost = RLX_STATUS_STICKY | RLX_STATUS_DEVICE_LOST;

// What a child of this process comes to.
rlx_code code_in_child(const std::function<rlx_code()>& work) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(static_cast<int>(work()));
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return static_cast<rlx_code>(WEXITSTATUS(status));
}

}  // namespace

TEST_CASE("a device lost in mid-run stays lost until nothing of before is left", "[simt]") {
  const auto [first, second] = two_devices();
  const uint64_t live = [] {
    check(plugin().entry->shutdown(0));
    return live_objects();
  }();
  {
    LoadedNetwork other(second);
    {
      LoadedNetwork lost(first);
      const int runs = GENERATE(0, 3);  // launched one by one, or replayed
      for (int i = 0; i < runs; ++i) lost.run();
      other.run();
      lose(0, 2);
      const Said said(lost.try_run());
      CHECK(said.code == RLX_DEVICE_LOST);
      CHECK((said.flags & kLost) == kLost);
      CHECK_THAT(said.message, contains_text("the device is lost (error 719)"));
      for (int i = 0; i < 2; ++i) CHECK(Said(lost.try_run()).code == RLX_DEVICE_LOST);
      CHECK_THROWS_AS(lost.runner().read(0), Failure);
      other.run();
      try {
        whole_life(first);
        FAIL("a lost device was opened anew below an executable");
      } catch (const Failure& failure) {
        CHECK(failure.code == RLX_DEVICE_LOST);
        CHECK_THAT(failure.what(), contains_text("1 executables from before are not released"));
      }
    }
    whole_life(first);
    other.run();
  }
  check(plugin().entry->shutdown(0));
  CHECK(live_objects() == live);
}

TEST_CASE("a device lost below a submitted run says so to who waits", "[simt]") {
  const auto [first, second] = two_devices();
  {
    LoadedNetwork lost(first), other(second);
    lose(0, 2);
    rlx_point end{}, other_end{};
    check(plugin().executable->submit(lost.runner().context(), nullptr, 0, &end));
    check(plugin().executable->submit(other.runner().context(), &end, 1, &other_end));
    for (int i = 0; i < 2; ++i) {
      const Said said(plugin().executable->wait(lost.runner().context(), end, RLX_FOREVER));
      CHECK(said.code == RLX_DEVICE_LOST);
      CHECK((said.flags & kLost) == kLost);
    }
    CHECK(Said(plugin().executable->submit(lost.runner().context(), nullptr, 0, &end)).code == RLX_DEVICE_LOST);
    check(plugin().executable->wait(other.runner().context(), other_end, RLX_FOREVER));
    other.expect_results();
  }
  whole_life(first);
}

TEST_CASE("a forked process is refused and its parent goes on", "[simt]") {
  LoadedNetwork network(plugin().device);
  network.run();
  CHECK(code_in_child([&] { return Said(network.try_run()).code; }) == RLX_FAILED_PRECONDITION);
  CHECK(code_in_child([] {
          try {
            whole_life();
          } catch (const Failure& failure) {
            return failure.code;
          }
          return static_cast<rlx_code>(RLX_OK);
        }) == RLX_FAILED_PRECONDITION);
  CHECK(code_in_child([] {
          uint32_t count = 0;
          check(plugin().device_table->enumerate(0, nullptr, &count));
          return static_cast<rlx_code>(count);
        }) == 2);
  network.run();
}
