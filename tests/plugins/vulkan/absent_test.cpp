// The ways in which a machine can have no Vulkan, each with a verdict of its own that says what to do.
#include "catch.hpp"
#include "device/platform.hpp"
#include "vulkan_host.hpp"

#include <cstdlib>
#include <optional>

namespace {

using rlx::sdk::Error;

std::optional<Error> error_of_devices(const char* scenario) {
  tests::vulkan_test_host();
  setenv("FAKE_VULKAN", scenario, 1);
  try {
    rlx::vulkan::devices();
  } catch (const Error& e) {
    return e;
  }
  return std::nullopt;
}

void check_error(const char* scenario, rlx_code code, const char* message, const char* remedy) {
  INFO(scenario);
  const std::optional<Error> error = error_of_devices(scenario);
  REQUIRE(error);
  CHECK(error->code == code);
  CHECK_THAT(error->message, tests::contains_text(message));
  CHECK_THAT(error->remedy, tests::contains_text(remedy));
}

TEST_CASE("a loader that cannot be opened is a missing driver", "[broken]") {
  check_error("", RLX_DRIVER_MISSING, "libvulkan.so.1", "libvulkan1");
}

TEST_CASE("a loader without a driver, or drivers without a device, are unavailable", "[fake]") {
  check_error("no-driver", RLX_UNAVAILABLE, "no driver", "mesa-vulkan-drivers");
  check_error("no-device", RLX_UNAVAILABLE, "no device", "/dev/dri");
}

TEST_CASE("what is too old says which version it has and which is needed", "[fake]") {
  check_error("old-loader", RLX_DRIVER_TOO_OLD, "speaks 1.1, 1.2 is needed", "update");
  check_error("old-device", RLX_DRIVER_TOO_OLD, "fake device lacks Vulkan 1.2: the driver speaks 1.1", "update");
}

TEST_CASE("a device without a feature that the shaders need is named with it", "[fake]") {
  check_error("no-feature", RLX_DRIVER_TOO_OLD, "fake device lacks bufferDeviceAddress", "update");
  check_error("no-queue", RLX_DRIVER_TOO_OLD, "fake device lacks a compute queue", "update");
}

TEST_CASE("a driver that makes no logical device is an error of the compile, not of the plugin", "[fake]") {
  tests::vulkan_test_host();
  setenv("FAKE_VULKAN", "no-logical-device", 1);
  const rlx::vulkan::Instance instance;
  const auto handles = instance.physical_devices();
  REQUIRE(handles.size() == 1);
  rlx_device device(instance, handles[0]);
  CHECK(device.physical.missing() == "");
  try {
    device.open();
    FAIL("the fake driver made a device");
  } catch (const Error& e) {
    CHECK(e.code == RLX_UNAVAILABLE);
    CHECK_THAT(e.message, tests::contains_text("fake device: vkCreateDevice: VK_ERROR_INITIALIZATION_FAILED"));
    CHECK(e.domain == "vulkan");
    CHECK(e.native_code == VK_ERROR_INITIALIZATION_FAILED);
  }
}

}  // namespace
