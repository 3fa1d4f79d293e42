// Which devices a session may use.
#pragma once

#include <rlx/session.hpp>

namespace rlx {

struct AllowedDevices {
  Device chosen;
  std::vector<Device> fallback;  // may take the nodes that it cannot run (SessionOptions::fallback)
  bool listed = false;           // the caller named them
};

// NOT_FOUND for the chosen device, and for a device that options.fallback names.
Result<AllowedDevices> allowed_devices(const Registry& registry, const SessionOptions& options);

}  // namespace rlx
