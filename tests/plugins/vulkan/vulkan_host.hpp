// The test host, given to the Vulkan plugin's parts as the plugin's entry would.
#pragma once

#include "host.hpp"
#include "plugins/host/test_host.hpp"

namespace tests {

inline const rlx_host_v1& vulkan_test_host() {
  static const bool installed = (rlx::sdk::set_host(&test_host()), true);
  (void)installed;
  return test_host();
}

}  // namespace tests
