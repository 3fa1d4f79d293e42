// What the plugin says about each physical device.
#include "runner.hpp"

#include <algorithm>

namespace {

TEST_CASE("a device says who it is, what it has, and whether it is software", "[vulkan]") {
  tests::vulkan_device();
  for (const auto& device : rlx::vulkan::devices()) {
    const rlx_device_info info = device->physical.info();
    const auto text = [](rlx_str s) { return std::string(rlx::sdk::view(s)); };
    INFO(text(info.name));
    CHECK(!text(info.name).empty());
    CHECK(!text(info.driver).empty());
    CHECK_THAT(text(info.features), tests::contains_text("subgroup"));
    CHECK((info.flags & RLX_DEVICE_HAS_UUID) != 0);
    CHECK(std::any_of(std::begin(info.uuid), std::end(info.uuid), [](uint8_t byte) { return byte != 0; }));
    CHECK(info.memory_total > 0);
    CHECK(info.memory_free <= info.memory_budget);
    // The core never chooses a device with the flag by itself.
    const bool software = device->physical.properties().deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
    CHECK(((info.flags & RLX_DEVICE_SOFTWARE) != 0) == software);
    CHECK((info.kind == RLX_DEVICE_CPU) == software);
  }
}

}  // namespace
