// Drivers that fail in the middle: what the host sees, and what works afterwards.
#include "runner.hpp"

namespace {

using rlx::sdk::Error;
using rlx::vulkan::Device;
using rlx::vulkan::DeviceFunctions;
using tests::ramp;

VKAPI_ATTR VkResult VKAPI_CALL lose(VkQueue, uint32_t, const VkSubmitInfo*, VkFence) {
  return VK_ERROR_DEVICE_LOST;
}
VKAPI_ATTR VkResult VKAPI_CALL no_memory(VkDevice, const VkMemoryAllocateInfo*, const VkAllocationCallbacks*,
                                         VkDeviceMemory*) {
  return VK_ERROR_OUT_OF_DEVICE_MEMORY;
}
VKAPI_ATTR VkResult VKAPI_CALL no_pipeline(VkDevice, VkPipelineCache, uint32_t, const VkComputePipelineCreateInfo*,
                                           const VkAllocationCallbacks*, VkPipeline*) {
  return VK_ERROR_OUT_OF_HOST_MEMORY;
}

void check_lost(const Error& e) {
  CHECK(e.code == RLX_DEVICE_LOST);
  CHECK(e.flags == (RLX_STATUS_STICKY | RLX_STATUS_DEVICE_LOST));
  CHECK(e.native_code == VK_ERROR_DEVICE_LOST);
}

template <typename Fn>
void expect_lost(Fn&& fn) {
  try {
    fn();
    FAIL("the lost device works");
  } catch (const Error& e) {
    check_lost(e);
  }
}

TEST_CASE("a lost device stays lost, and the next compile gets another one", "[vulkan]") {
  rlx_device& found = tests::vulkan_device();
  const auto device = found.open();
  tests::Doubling net(100);
  {
    tests::VulkanRunner r(net.program, device);
    r.write(net.x, ramp(100));
    r.run();
    const auto submit = device->vk().vkQueueSubmit;
    const_cast<DeviceFunctions&>(device->vk()).vkQueueSubmit = lose;
    expect_lost([&] { r.run(); });
    // The driver has recovered, the objects made before have not.
    const_cast<DeviceFunctions&>(device->vk()).vkQueueSubmit = submit;
    expect_lost([&] { r.run(); });
    expect_lost([&] { r.read(net.y); });
  }
  CHECK(found.open() != device);
  tests::VulkanRunner fresh(net.program, found.open());
  fresh.write(net.x, ramp(100));
  fresh.run();
  CHECK(fresh.read(net.y)[7] == 14);
}

TEST_CASE("out of device memory is a status with the driver's number, and nothing leaks", "[vulkan]") {
  const auto device = std::make_shared<Device>(tests::vulkan_device().physical);
  tests::Doubling net(100'000);
  tests::VulkanRunner r(net.program, device);
  auto& functions = const_cast<DeviceFunctions&>(device->vk());
  const auto allocate = functions.vkAllocateMemory;
  functions.vkAllocateMemory = no_memory;
  try {
    r.context();
    FAIL("memory came from nowhere");
  } catch (const Error& e) {
    CHECK(e.code == RLX_RESOURCE_EXHAUSTED);
    CHECK(e.native_code == VK_ERROR_OUT_OF_DEVICE_MEMORY);
    CHECK_THAT(e.message, tests::contains_text("vkAllocateMemory"));
  }
  CHECK(device->pool(rlx::vulkan::MemoryKind::kDevice).stats().in_use == 0);
  functions.vkAllocateMemory = allocate;
  r.write(net.x, ramp(100'000));
  r.run();
  CHECK(r.read(net.y)[9] == 18);
}

TEST_CASE("a pipeline that cannot be made is an error of the compile that names the shader", "[vulkan]") {
  const auto device = std::make_shared<Device>(tests::vulkan_device().physical);
  const_cast<DeviceFunctions&>(device->vk()).vkCreateComputePipelines = no_pipeline;
  tests::Doubling net(100);
  try {
    tests::VulkanRunner r(net.program, device);
    FAIL("a pipeline came from nowhere");
  } catch (const Error& e) {
    CHECK(e.code == RLX_RESOURCE_EXHAUSTED);
    CHECK_THAT(e.message, tests::contains_text("vulkan:elementwise: vkCreateComputePipelines"));
  }
}

// For validation.py, which wants to see that somebody notices.
TEST_CASE("a buffer of no bytes, which Vulkan does not allow", "[.misuse]") {
  const auto device = tests::vulkan_device().open();
  VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
  info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT;
  VkBuffer buffer = VK_NULL_HANDLE;
  CHECK(device->vk().vkCreateBuffer(device->handle(), &info, nullptr, &buffer) != VK_ERROR_DEVICE_LOST);
  device->vk().vkDestroyBuffer(device->handle(), buffer, nullptr);
}

TEST_CASE("an index out of range names its node, and the next run is clean", "[vulkan]") {
  tests::Program program;
  const uint32_t x = program.input({tests::kF32, {4}}, "x"), i = program.input({tests::kI32, {2}}, "i");
  const uint32_t y = program.output({tests::kF32, {2}}, "y");
  program.node("gather", {{"axis", 0}}, {x, i}, {y}, {}, 0, "lookup");
  tests::VulkanRunner r(program);
  r.write(x, {1, 2, 3, 4});
  r.write(i, {-1, 4});
  try {
    r.run();
    FAIL("index 4 of 4");
  } catch (const Error& e) {
    CHECK(e.code == RLX_OUT_OF_RANGE);
    CHECK(e.message == "gather 'lookup': index 4 out of range for size 4");
  }
  r.write(i, {-1, 0});
  r.run();
  CHECK(r.read(y) == std::vector<float>{4, 1});
}

}  // namespace
