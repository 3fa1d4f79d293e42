// Runs: several at once, nothing made while they go on, profiles, states.
#include "runner.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

// Counts what the plugin and the test allocate on this thread; drivers have an allocator of their own, and so have
// sanitizers.
static thread_local uint64_t allocations = 0;
#ifndef RLX_SANITIZED
void* operator new(size_t bytes) {
  ++allocations;
  if (void* const memory = std::malloc(bytes ? bytes : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes ? bytes : 1);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
#endif

namespace {

using rlx::vulkan::Context;
using rlx::vulkan::DeviceFunctions;
using tests::ramp;

// Counts the driver's calls that make or free something, by standing in their place.
std::atomic<int> made{0};
DeviceFunctions real;

VKAPI_ATTR VkResult VKAPI_CALL count_allocate(VkDevice d, const VkMemoryAllocateInfo* i, const VkAllocationCallbacks* c,
                                              VkDeviceMemory* m) {
  ++made;
  return real.vkAllocateMemory(d, i, c, m);
}
VKAPI_ATTR VkResult VKAPI_CALL count_pipelines(VkDevice d, VkPipelineCache k, uint32_t n,
                                               const VkComputePipelineCreateInfo* i, const VkAllocationCallbacks* c,
                                               VkPipeline* p) {
  ++made;
  return real.vkCreateComputePipelines(d, k, n, i, c, p);
}
VKAPI_ATTR VkResult VKAPI_CALL count_record(VkCommandBuffer b, const VkCommandBufferBeginInfo* i) {
  ++made;
  return real.vkBeginCommandBuffer(b, i);
}
VKAPI_ATTR VkResult VKAPI_CALL count_buffers(VkDevice d, const VkCommandBufferAllocateInfo* i, VkCommandBuffer* b) {
  ++made;
  return real.vkAllocateCommandBuffers(d, i, b);
}

TEST_CASE("a steady-state run makes nothing and records nothing", "[vulkan][unlayered]") {
  const auto device = std::make_shared<rlx::vulkan::Device>(tests::vulkan_device().physical);
  auto& functions = const_cast<DeviceFunctions&>(device->vk());
  real = functions;
  functions.vkAllocateMemory = count_allocate;
  functions.vkCreateComputePipelines = count_pipelines;
  functions.vkBeginCommandBuffer = count_record;
  functions.vkAllocateCommandBuffers = count_buffers;
  tests::Doubling net(1000, 5);
  tests::VulkanRunner r(net.program, device);
  r.write(net.x, ramp(1000));
  r.run();
  CHECK(made > 0);
#ifndef RLX_SANITIZED
  CHECK(allocations > 0);
#endif
  const bool mapped = r.context().memory().mapped() != nullptr;
  made = 0;
  for (int i = 0; i < 20; ++i) {
    // Through staging a transfer is recorded each time.
    if (mapped) r.write(net.x, ramp(1000, static_cast<float>(i)));
    const uint64_t before = allocations;
    r.run();
    CHECK(allocations == before);
    if (mapped) CHECK(r.read(net.y)[3] == static_cast<float>(i + 3) * 32);
  }
  CHECK(made == 0);
}

TEST_CASE("three contexts are in flight at once", "[vulkan]") {
  tests::Doubling net(10'000, 8);
  tests::VulkanRunner r(net.program);
  r.executable().finalize();
  std::vector<std::unique_ptr<Context>> contexts;
  for (int i = 0; i < 3; ++i) contexts.push_back(std::make_unique<Context>(r.executable()));
  for (int round = 0; round < 3; ++round) {
    std::vector<uint64_t> ends;
    for (size_t i = 0; i < contexts.size(); ++i) {
      tests::VulkanRunner::write(*contexts[i], net.x, ramp(10'000, static_cast<float>(i)));
      ends.push_back(contexts[i]->submit());
    }
    for (size_t i = contexts.size(); i-- > 0;) {
      contexts[i]->wait(ends[i], RLX_FOREVER);
      CHECK(tests::VulkanRunner::read(*contexts[i], net.y)[1] == static_cast<float>(i + 1) * 256);
    }
  }
}

TEST_CASE("a profile has the time of every dispatch, and the run's results", "[vulkan]") {
  tests::Doubling net(1000, 3);
  tests::VulkanRunner r(net.program);
  r.write(net.x, ramp(1000));
  for (int i = 0; i < 2; ++i) {
    const std::vector<rlx_kernel_time> times = r.context().profile();
    REQUIRE(times.size() == 3);
    for (const rlx_kernel_time& t : times) {
      CHECK(rlx::sdk::view(t.op) == "binary");
      CHECK(rlx::sdk::view(t.node) == "double");
      CHECK(rlx::sdk::view(t.kernel) == "vulkan:elementwise");
      CHECK(t.time_ns > 0);
      CHECK(t.operand_bytes == 3 * 4000);
    }
    CHECK(r.read(net.y)[2] == 16);
  }
}

TEST_CASE("barriers stand where results are needed", "[vulkan]") {
  tests::Program program;
  const uint32_t a = program.input({tests::kF32, {8}}, "a"), b = program.input({tests::kF32, {8}}, "b");
  const uint32_t c = program.temporary({tests::kF32, {8}}), d = program.temporary({tests::kF32, {8}});
  const uint32_t y = program.output({tests::kF32, {8}}, "y");
  program.node("binary", {{"kind", "add"}}, {a, b}, {c});
  program.node("binary", {{"kind", "mul"}}, {a, b}, {d});
  program.node("binary", {{"kind", "sub"}}, {c, d}, {y});
  tests::VulkanRunner r(program);
  CHECK(r.executable().barriers() == std::vector<bool>{false, false, true});
  rlx_executable_stats stats{};
  r.executable().stats(stats);
  CHECK(stats.kernel_count == 3);
  CHECK(stats.operand_bytes == 9 * 32);
  REQUIRE((stats.valid & RLX_EXECUTABLE_HAS_BARRIERS) != 0);
  CHECK(stats.barrier_count == 1);
  CHECK(stats.dependency_count == 2);
  r.write(a, {1, 2, 3, 4, 5, 6, 7, 8});
  r.write(b, {2, 2, 2, 2, 2, 2, 2, 2});
  r.run();
  CHECK(r.read(y) == std::vector<float>{1, 0, -1, -2, -3, -4, -5, -6});
}

TEST_CASE("a program without a node runs, and states start with their first value", "[vulkan]") {
  tests::Program program;
  const uint32_t filled = program.state({tests::kF32, {3}}, "filled", tests::f32({3}, {4, 5, 6}));
  const uint32_t zeros = program.state({tests::kF32, {3}}, "zeros");
  tests::VulkanRunner r(program);
  r.run();
  CHECK(r.read(filled) == std::vector<float>{4, 5, 6});
  CHECK(r.read(zeros) == std::vector<float>{0, 0, 0});
  r.write(filled, {1, 1, 1});
  r.write(zeros, {1, 1, 1});
  r.context().reset_state();
  CHECK(r.read(filled) == std::vector<float>{4, 5, 6});
  CHECK(r.read(zeros) == std::vector<float>{0, 0, 0});
}

}  // namespace
