// What a status says; releases it.
#pragma once

#include "plugins/host/test_host.hpp"

#include <rlx/sdk/error.hpp>

#include <string>

namespace tests {

struct Said {
  rlx_code code = RLX_OK;
  uint32_t flags = 0;
  std::string message;

  explicit Said(rlx_status* status) {
    if (!status) return;
    const rlx_status_desc& desc = *test_host().status_read(nullptr, status);
    code = desc.code;
    flags = desc.flags;
    message = std::string(rlx::sdk::view(desc.message));
    test_host().status_release(nullptr, status);
  }
};

}  // namespace tests
