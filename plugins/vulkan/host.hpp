// The host's services as the rest of the plugin sees them.
#pragma once

#include <rlx/sdk/error.hpp>

#include <string_view>

namespace rlx::vulkan {

// Set by the entry, before anything else runs; the entry may be called again while contexts run.
const rlx_host_v1& host();
void set_host(const rlx_host_v1* host);

// level: RLX_LOG_*
void log(uint32_t level, std::string_view text);

}  // namespace rlx::vulkan
