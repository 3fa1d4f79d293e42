// Telling the host what is nobody's error.
#pragma once

#include "vendor.hpp"

#include <rlx/sdk/entry.hpp>

#include <string_view>

namespace rlx::simt {

inline void log_debug(std::string_view text) {
  const rlx_host_v1& host = sdk::host();
  host.log(host.ctx, RLX_LOG_DEBUG, sdk::str(vendor().id), sdk::str(text));
}

}  // namespace rlx::simt
