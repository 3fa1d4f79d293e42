// The entry of the MPI plugin: identity note and the transport table. MPI itself starts with the first
// attach.
#include "rank.hpp"

#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/note.hpp>
#include <rlx/sdk/transport_table.hpp>

RLX_PLUGIN_NOTE("mpi", "rlx", "0.1.0", RLX_KIND_TRANSPORT);

namespace {

using namespace rlx::mpi;

constexpr rlx_transport_table_v1 kTable = rlx::sdk::transport_table<Slots>();

rlx_status* query_interface(uint32_t iface, uint32_t max_version, const void** out_table, uint32_t* out_version) {
  return rlx::sdk::offer("mpi", {{RLX_IFACE_TRANSPORT, &kTable}}, iface, max_version, out_table, out_version);
}

// Ranks are given back one by one; MPI ends with the process.
rlx_status* shutdown(uint64_t) {
  return nullptr;
}

constexpr rlx_plugin_v1 kPlugin{sizeof(rlx_plugin_v1), RLX_ABI_MINOR, query_interface, shutdown};

}  // namespace

RLX_PLUGIN_EXPORT("mpi", kPlugin)
