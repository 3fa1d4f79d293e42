// Which devices a session may use.
#pragma once

#include <rlx/session.hpp>

namespace rlx {

// The chosen device, then those that may take the nodes it cannot run (SessionOptions::fallback). NOT_FOUND for the
// chosen device, and for a device that options.fallback names.
Result<std::vector<Device>> allowed_devices(const Registry& registry, const SessionOptions& options);

}  // namespace rlx
