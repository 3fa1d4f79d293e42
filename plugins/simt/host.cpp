#include "host.hpp"

#include "vendor.hpp"

#include <atomic>

namespace rlx::simt {

namespace {
// The entry may be called again while contexts run.
std::atomic<const rlx_host_v1*> the_host{nullptr};
}  // namespace

const rlx_host_v1& host() {
  return *the_host;
}

void set_host(const rlx_host_v1* host) {
  the_host = host;
}

void refuse_unknown(const rlx_ext* chain, const char* where) {
  for (; chain; chain = chain->next)
    if (chain->flags & RLX_EXT_MUST_UNDERSTAND)
      throw sdk::Error(RLX_UNIMPLEMENTED, std::string(where) + ": extension " + std::to_string(chain->type) +
                                              " is not known to " + std::string(vendor().id));
}

}  // namespace rlx::simt
