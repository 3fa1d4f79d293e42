// What is beyond a device's limits, and work that the device has not done yet.
#include "runner.hpp"

#include <string>

namespace {

using rlx::sdk::Error;
using tests::Type;

TEST_CASE("a tensor of 3 GiB on a heap of 2 GiB is refused with both numbers, and the host goes on", "[vulkan]") {
  constexpr uint64_t kGiB = uint64_t{1} << 30;
  rlx_device& found = tests::vulkan_device();
  const tests::Environment limit("RLX_VULKAN_MEMORY_LIMIT", std::to_string(2 * kGiB));
  const auto device = std::make_shared<rlx::vulkan::Device>(found.physical);
  const uint64_t max_block = device->allocator().max_block_bytes();
  tests::Program large;
  const Type type{tests::kF32, {3 * kGiB / sizeof(float)}}, one{tests::kF32, {1}};
  const uint32_t x = large.input(type, "x"), i = large.input({tests::kI32, {1}}, "i"), y = large.output(one, "y");
  large.node("gather", {{"axis", 0}}, {x, i}, {y});
  try {
    tests::VulkanRunner r(large, device);
    r.context();
    FAIL("3 GiB fit into 2 GiB");
  } catch (const Error& e) {
    CHECK(e.code == RLX_RESOURCE_EXHAUSTED);
    CHECK_THAT(e.message, tests::contains_text(std::to_string(max_block)));
    const std::string before = "an allocation of ";
    REQUIRE_THAT(e.message, tests::contains_text(before));
    CHECK(std::stoull(e.message.substr(e.message.find(before) + before.size())) >= 3 * kGiB);
  }
  tests::Doubling small(100);
  tests::VulkanRunner r(small.program, device);
  r.write(small.x, tests::ramp(100));
  r.run();
  CHECK(r.read(small.y)[7] == 14);
}

// Devices need not take more than 65535 workgroups along an axis. Elementwise work beyond that is in memory_test.cpp.
TEST_CASE("more rows and matrices than a device dispatches workgroups", "[vulkan]") {
  constexpr uint64_t kRows = 66'000, kSize = 8;
  tests::Program program;
  const Type rows{tests::kF32, {kRows, 2}}, matrices{tests::kF32, {kRows, kSize, 1}};
  const uint32_t x = program.input(rows, "x"), p = program.output(rows, "p");
  program.node("softmax", {{"axis", 1}}, {x}, {p});
  const uint32_t a = program.input(matrices, "a"), b = program.input({tests::kF32, {1, 2}}, "b");
  const uint32_t y = program.output({tests::kF32, {kRows, kSize, 2}}, "y");
  program.node("matmul", {{"trans_a", false}, {"trans_b", false}}, {a, b}, {y});
  tests::VulkanRunner r(program);
  REQUIRE(r.executable().dispatches().size() == 2);
  for (const rlx::vulkan::Dispatch& d : r.executable().dispatches()) CHECK(d.groups.x == 65535);
  std::vector<float> logits(kRows * 2), left = tests::ramp(kRows * kSize);
  for (size_t row = 0; row < kRows; row += 2) logits[row * 2] = 1000;
  r.write(x, logits);
  r.write(a, left);
  r.write(b, {2, -1});
  r.run();
  const std::vector<float> share = r.read(p), product = r.read(y);
  bool good = true;
  for (size_t row = 0; row < kRows; ++row) good = good && share[row * 2] == (row % 2 == 0 ? 1.0f : 0.5f);
  CHECK(good);
  for (size_t n = 0; n < left.size(); ++n)
    good = good && product[n * 2] == 2 * left[n] && product[n * 2 + 1] == -left[n];
  CHECK(good);
}

TEST_CASE("submit returns before the device is done, and a wait may give up", "[vulkan]") {
  const auto device = tests::vulkan_device().open();
  tests::Doubling net(100);
  tests::VulkanRunner r(net.program, device);
  r.write(net.x, tests::ramp(100));
  r.run();
  // The queue stands still until the host opens the gate.
  const auto signal = reinterpret_cast<PFN_vkSignalSemaphore>(
      device->physical().instance().functions().vkGetDeviceProcAddr(device->handle(), "vkSignalSemaphore"));
  VkSemaphoreTypeCreateInfo type{VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO};
  type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
  const VkSemaphoreCreateInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, &type, 0};
  VkSemaphore gate = VK_NULL_HANDLE;
  REQUIRE(device->vk().vkCreateSemaphore(device->handle(), &info, nullptr, &gate) == VK_SUCCESS);
  const uint64_t open = 1;
  VkTimelineSemaphoreSubmitInfo values{VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO};
  values.waitSemaphoreValueCount = 1;
  values.pWaitSemaphoreValues = &open;
  const VkPipelineStageFlags stage = VK_PIPELINE_STAGE_ALL_COMMANDS_BIT;
  VkSubmitInfo blocker{VK_STRUCTURE_TYPE_SUBMIT_INFO, &values};
  blocker.waitSemaphoreCount = 1;
  blocker.pWaitSemaphores = &gate;
  blocker.pWaitDstStageMask = &stage;
  VkQueue queue = VK_NULL_HANDLE;
  device->vk().vkGetDeviceQueue(device->handle(), device->physical().queue_family(), 0, &queue);
  REQUIRE(device->vk().vkQueueSubmit(queue, 1, &blocker, VK_NULL_HANDLE) == VK_SUCCESS);

  const uint64_t end = r.context().submit();
  rlx_code code = RLX_OK;
  try {
    r.context().wait(end, 1'000'000);
  } catch (const Error& e) {
    code = e.code;
  }
  const VkSemaphoreSignalInfo go{VK_STRUCTURE_TYPE_SEMAPHORE_SIGNAL_INFO, nullptr, gate, open};
  REQUIRE(signal(device->handle(), &go) == VK_SUCCESS);
  CHECK(code == RLX_DEADLINE_EXCEEDED);
  r.context().wait(end, RLX_FOREVER);
  CHECK(r.read(net.y)[7] == 14);
  device->vk().vkDestroySemaphore(device->handle(), gate, nullptr);
}

}  // namespace
