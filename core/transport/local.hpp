// The transport `local`: ranks are threads of one process.
#pragma once

#include <rlx/transport.h>

namespace rlx::transport {

// Complete; lives until the process ends.
const rlx_transport_table_v1& local_table();

}  // namespace rlx::transport
