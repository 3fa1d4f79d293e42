#include "profile.hpp"

#include "loader/error.hpp"

namespace rlx::vulkan {

Profile::Profile(Device& device, uint32_t dispatches) : device_(device), count_(dispatches + 1) {
  if (device.physical().timestamp_bits() == 0)
    throw sdk::Error(RLX_UNIMPLEMENTED, device.physical().name() + ": its compute queue has no timestamps");
  VkQueryPoolCreateInfo info{VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO};
  info.queryType = VK_QUERY_TYPE_TIMESTAMP;
  info.queryCount = count_;
  check(device.vk().vkCreateQueryPool(device.handle(), &info, nullptr, &pool_), "vkCreateQueryPool");
}

Profile::~Profile() {
  device_.vk().vkDestroyQueryPool(device_.handle(), pool_, nullptr);
}

void Profile::mark(VkCommandBuffer commands) {
  if (next_ == 0) device_.vk().vkCmdResetQueryPool(commands, pool_, 0, count_);
  device_.vk().vkCmdWriteTimestamp(commands, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, pool_, next_++);
}

std::vector<uint64_t> Profile::times() const {
  std::vector<uint64_t> ticks(count_);
  check(device_.vk().vkGetQueryPoolResults(device_.handle(), pool_, 0, count_, ticks.size() * sizeof ticks[0],
                                           ticks.data(), sizeof ticks[0],
                                           VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT),
        "vkGetQueryPoolResults");
  const uint32_t bits = device_.physical().timestamp_bits();
  const uint64_t mask = bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
  std::vector<uint64_t> times;
  for (size_t i = 1; i < ticks.size(); ++i)
    times.push_back(static_cast<uint64_t>(static_cast<double>((ticks[i] - ticks[i - 1]) & mask) *
                                          static_cast<double>(device_.physical().limits().timestampPeriod)));
  return times;
}

}  // namespace rlx::vulkan
