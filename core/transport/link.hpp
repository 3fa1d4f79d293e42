// What the link between two ranks of one host can do, measured once per process: copying between heaps is copying.
#pragma once

#include <rlx/transport.h>

namespace rlx::transport {

void describe_link(bool between_processes, rlx_link_info& out_info);

}  // namespace rlx::transport
