// The host's services as the rest of the plugin sees them.
#pragma once

#include <rlx/sdk/entry.hpp>

#include <string_view>

namespace rlx::vulkan {

using sdk::host;

// level: RLX_LOG_*
inline void log(uint32_t level, std::string_view text) {
  host().log(host().ctx, level, sdk::str("vulkan"), sdk::str(text));
}

}  // namespace rlx::vulkan
