// Device memory: large blocks, staging where the host cannot see it, limits, copies in order.
#include "memory/transfer.hpp"
#include "runner.hpp"

#include <cstdlib>
#include <cstring>

namespace {

using rlx::sdk::Error;
using rlx::vulkan::Block;
using rlx::vulkan::Device;
using rlx::vulkan::MemoryKind;
using tests::ramp;

std::vector<float> doubled(std::vector<float> v) {
  for (float& x : v) x += x;
  return v;
}

TEST_CASE("a tensor beyond maxStorageBufferRange is one tensor", "[vulkan]") {
  const VkPhysicalDeviceLimits& limits = tests::vulkan_device().physical.limits();
  constexpr uint64_t kLargest = uint64_t{256} << 20;
  if (limits.maxStorageBufferRange > kLargest) RLX_SKIP("the device's maxStorageBufferRange is too large to exceed it");
  const uint64_t elements = limits.maxStorageBufferRange / sizeof(float) + 1000;
  const auto last = static_cast<int64_t>(elements - 1);
  tests::Program program;
  const uint32_t x = program.input({tests::kF32, {elements}}, "x"), i = program.input({tests::kI64, {3}}, "i");
  const uint32_t row = program.input({tests::kI64, {}}, "row"), one = program.input({tests::kF32, {1}}, "one");
  const uint32_t state = program.state({tests::kF32, {elements}}, "state");
  const uint32_t y = program.output({tests::kF32, {3}}, "y");
  const uint32_t written = program.view(state, {tests::kF32, {elements}});
  program.node("gather", {{"axis", 0}}, {x, i}, {y});
  program.node("state_write", {{"axis", 0}}, {state, one, row}, {written});
  tests::VulkanRunner r(program);
  const std::vector<float> values = ramp(elements);
  r.write(x, values);
  r.write(one, {7});
  rlx_arena* arena = tests::VulkanRunner::arena_of(r.context());
  const int64_t indices[] = {0, last, last / 2};
  tests::must(rlx::vulkan::arena_table().write_raw(arena, i, indices, sizeof indices, 0));
  tests::must(rlx::vulkan::arena_table().write_raw(arena, row, &last, sizeof last, 0));
  r.run();
  CHECK(r.read(y) == std::vector<float>{values[0], values[elements - 1], values[(elements - 1) / 2]});
  float end[2] = {};
  tests::must(rlx::vulkan::arena_table().read_raw(arena, state, end, sizeof end, (elements - 2) * sizeof(float)));
  CHECK(end[0] == 0);
  CHECK(end[1] == 7);
}

TEST_CASE("memory that the host cannot see is reached through staging", "[vulkan]") {
  rlx_device& found = tests::vulkan_device();
  const tests::Environment staging("RLX_VULKAN_STAGING", "1");
  const auto device = std::make_shared<Device>(found.physical);
  // More than all slots of the ring, and no multiple of one.
  constexpr uint64_t kElements = 5'000'003;
  tests::Doubling net(kElements);
  tests::VulkanRunner r(net.program, device);
  REQUIRE(r.context().memory().mapped() == nullptr);
  const std::vector<float> x = ramp(kElements);
  r.write(net.x, x);
  r.run();
  REQUIRE(r.read(net.y) == doubled(x));
  // A part, in another dtype: the plugin's conversion goes through the slots, too.
  const std::vector<double> part = {-1, -2, -3};
  tests::must(rlx::vulkan::arena_table().write(tests::VulkanRunner::arena_of(r.context()), net.x, RLX_DTYPE_F64,
                                               part.data(), part.size() * sizeof(double), 7));
  r.run();
  const std::vector<float> y = r.read(net.y);
  CHECK(y[6] == 12);
  CHECK(y[7] == -2);
  CHECK(y[9] == -6);
  CHECK(y[10] == 20);
}

TEST_CASE("overlapping ranges are copied as if through a copy of them", "[vulkan]") {
  tests::Doubling net(64);
  tests::VulkanRunner r(net.program);
  rlx_arena* arena = tests::VulkanRunner::arena_of(r.context());
  const auto copy = [&](uint64_t to, uint64_t from, uint64_t count) {
    tests::must(rlx::vulkan::arena_table().copy_range(arena, net.x, to * 4, net.x, from * 4, count * 4));
  };
  for (const auto& [to, from] : {std::pair<uint64_t, uint64_t>{3, 0}, {0, 3}}) {
    std::vector<float> x = ramp(64);
    r.write(net.x, x);
    copy(to, from, 60);
    std::memmove(x.data() + to, std::vector<float>(x).data() + from, 60 * sizeof(float));
    CHECK(r.read(net.x) == x);
  }
  rlx_status* const beyond = rlx::vulkan::arena_table().copy_range(arena, net.x, 8, net.x, 0, 64 * 4);
  CHECK_THROWS_AS(tests::must(beyond), Error);
}

TEST_CASE("a copy on the device is queued behind a submitted run, and before the next one", "[vulkan]") {
  constexpr uint64_t kElements = 500'000;
  tests::Doubling net(kElements, 6);
  tests::VulkanRunner r(net.program);
  r.write(net.x, ramp(kElements));
  r.run();
  const uint64_t first = r.context().submit();
  // y, which the run is still making, becomes the next run's x.
  tests::must(rlx::vulkan::arena_table().copy_range(tests::VulkanRunner::arena_of(r.context()), net.x, 0, net.y, 0,
                                                    kElements * sizeof(float)));
  const uint64_t second = r.context().submit();
  CHECK(first < second);
  r.context().wait(second, RLX_FOREVER);
  CHECK(r.read(net.x)[3] == 3 * 64);
  CHECK(r.read(net.y)[3] == 3 * 64 * 64);
}

TEST_CASE("an allocation beyond the limit is an error that names both, and the device works on", "[vulkan]") {
  rlx_device& found = tests::vulkan_device();
  const tests::Environment limit("RLX_VULKAN_MEMORY_LIMIT", "1000000");
  const auto device = std::make_shared<Device>(found.physical);
  tests::Doubling large(200'000), small(1000);
  try {
    tests::VulkanRunner r(large.program, device);
    r.context();
    FAIL("two tensors of 800 kB fit into 1 MB");
  } catch (const Error& e) {
    CHECK(e.code == RLX_RESOURCE_EXHAUSTED);
    CHECK_THAT(e.message, tests::contains_text("1000000"));
  }
  tests::VulkanRunner r(small.program, device);
  r.write(small.x, ramp(1000));
  r.run();
  CHECK(r.read(small.y) == doubled(ramp(1000)));
}

TEST_CASE("weights get the memory that the pool only keeps", "[vulkan]") {
  rlx_device& found = tests::vulkan_device();
  const tests::Environment limit("RLX_VULKAN_MEMORY_LIMIT", "1000000");
  const auto device = std::make_shared<Device>(found.physical);
  tests::Doubling small(10'000);
  {
    tests::VulkanRunner r(small.program, device);
    r.context();
  }
  REQUIRE(device->pool(MemoryKind::kDevice).stats().reserved > 0);
  constexpr uint64_t kElements = 240'000;  // 960 kB, more than is left
  tests::Program large;
  const uint32_t w = large.param({tests::kF32, {kElements}}, "w"), i = large.input({tests::kI32, {1}}, "i");
  large.node("gather", {{"axis", 0}}, {w, i}, {large.output({tests::kF32, {1}}, "y")});
  tests::VulkanRunner r(large, device);
  CHECK(device->pool(MemoryKind::kDevice).stats().reserved == 0);
}

TEST_CASE("blocks come back from the pool", "[vulkan]") {
  const auto device = tests::vulkan_device().open();
  tests::Doubling net(100'000);
  tests::VulkanRunner r(net.program, device);
  r.executable().finalize();
  { rlx::vulkan::Context first(r.executable()); }
  const uint64_t hits = device->pool(MemoryKind::kDevice).stats().hits;
  { rlx::vulkan::Context second(r.executable()); }
  CHECK(device->pool(MemoryKind::kDevice).stats().hits == hits + 1);
}

}  // namespace
