#include "host.hpp"

#include <atomic>

namespace rlx::vulkan {

namespace {
std::atomic<const rlx_host_v1*> the_host{nullptr};
}

const rlx_host_v1& host() {
  return *the_host;
}

void set_host(const rlx_host_v1* host) {
  the_host = host;
}

void log(uint32_t level, std::string_view text) {
  host().log(host().ctx, level, sdk::str("vulkan"), sdk::str(text));
}

}  // namespace rlx::vulkan
