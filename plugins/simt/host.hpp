// The host's services as the rest of the plugin sees them.
#pragma once

#include <rlx/sdk/error.hpp>

namespace rlx::simt {

namespace sdk = rlx::sdk;

// Set by the entry, before anything else runs.
const rlx_host_v1& host();
void set_host(const rlx_host_v1* host);

// Refuses an extension chain with a member that the plugin would have to understand. Throws UNIMPLEMENTED.
void refuse_unknown(const rlx_ext* chain, const char* where);

}  // namespace rlx::simt
