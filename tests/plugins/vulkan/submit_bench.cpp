// What a run costs beyond the driver: an empty program's submit and wait against bare calls of Vulkan on the same
// queue.
//   vulkan_test '[bench]'
#include "runner.hpp"

#include "loader/error.hpp"

#include <algorithm>
#include <chrono>
#include <iostream>

namespace {

using rlx::vulkan::check;

double median_us(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

template <typename Fn>
double time_us(Fn&& fn) {
  const auto begin = std::chrono::steady_clock::now();
  fn();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
}

// The least that submit and wait can be: one command buffer with nothing in it, and a timeline of its own.
class Bare {
 public:
  explicit Bare(rlx::vulkan::Device& device) : device_(device), commands_(device, 1) {
    device.vk().vkGetDeviceQueue(device.handle(), device.physical().queue_family(), 0, &queue_);
    VkSemaphoreTypeCreateInfo type{VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO};
    type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
    VkSemaphoreCreateInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, &type};
    check(device.vk().vkCreateSemaphore(device.handle(), &info, nullptr, &timeline_), "vkCreateSemaphore");
    commands_.begin(0);
    commands_.end(0);
  }
  ~Bare() { device_.vk().vkDestroySemaphore(device_.handle(), timeline_, nullptr); }

  void run() {
    ++value_;
    VkTimelineSemaphoreSubmitInfo timeline{VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO};
    timeline.signalSemaphoreValueCount = 1;
    timeline.pSignalSemaphoreValues = &value_;
    VkSubmitInfo info{VK_STRUCTURE_TYPE_SUBMIT_INFO, &timeline};
    const VkCommandBuffer commands = commands_[0];
    info.commandBufferCount = 1;
    info.pCommandBuffers = &commands;
    info.signalSemaphoreCount = 1;
    info.pSignalSemaphores = &timeline_;
    check(device_.vk().vkQueueSubmit(queue_, 1, &info, VK_NULL_HANDLE), "vkQueueSubmit");
    VkSemaphoreWaitInfo wait{VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO};
    wait.semaphoreCount = 1;
    wait.pSemaphores = &timeline_;
    wait.pValues = &value_;
    check(device_.vk().vkWaitSemaphores(device_.handle(), &wait, UINT64_MAX), "vkWaitSemaphores");
  }

 private:
  rlx::vulkan::Device& device_;
  rlx::vulkan::Commands commands_;
  VkQueue queue_ = VK_NULL_HANDLE;
  VkSemaphore timeline_ = VK_NULL_HANDLE;
  uint64_t value_ = 0;
};

TEST_CASE("an empty program against bare Vulkan", "[.bench]") {
  constexpr int kRounds = 2000;
  const auto device = tests::vulkan_device().open();
  tests::Program empty;
  tests::VulkanRunner runner(empty, device);
  runner.run();
  Bare bare(*device);
  std::vector<double> ours, theirs;
  for (int i = 0; i < kRounds; ++i) {
    theirs.push_back(time_us([&] { bare.run(); }));
    ours.push_back(time_us([&] { runner.run(); }));
  }
  const double a = median_us(ours), b = median_us(theirs);
  std::cout << device->physical().name() << ": empty program " << a << " us, bare Vulkan " << b << " us, ratio "
            << a / b << '\n';
}

}  // namespace
