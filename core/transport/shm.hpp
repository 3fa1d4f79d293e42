// The transport `shm`: ranks are processes of one host and one user, with POSIX shared memory between them.
#pragma once

#include <rlx/transport.h>

namespace rlx::transport {

// Complete; lives until the process ends.
const rlx_transport_table_v1& shm_table();

}  // namespace rlx::transport
