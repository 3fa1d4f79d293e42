// The services that the host gives to plugins, as the table of the ABI.
#pragma once

#include <rlx/plugin.h>

namespace rlx::plugin {

// One for the process; lives until it ends. Every function may be called from any thread.
const rlx_host_v1& host_table();

}  // namespace rlx::plugin
