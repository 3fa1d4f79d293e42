// The entry of the MPI plugin: identity note and the transport table. MPI itself starts with the first
// attach.
#include "rank.hpp"

#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/note.hpp>

RLX_PLUGIN_NOTE("mpi", "rlx", "0.1.0", RLX_KIND_TRANSPORT);

namespace {

using namespace rlx::mpi;

constexpr rlx_transport_table_v1 kTable = [] {
  rlx_transport_table_v1 t{};
  t.struct_size = sizeof t;
  t.minor = RLX_ABI_MINOR;
  t.attach = attach;
  t.detach = detach;
  // Nothing outlives a job of mpirun: there is nothing to remove.
  t.destroy = [](rlx_str) -> rlx_status* { return nullptr; };
  t.heap = [](rlx_rank* rank) -> void* { return rank->heap; };
  t.link = rlx::mpi::link;
  t.put = put;
  t.get = get;
  t.put_strided = put_strided;
  t.get_strided = get_strided;
  t.put_signal = put_signal;
  t.wait_signal = wait_signal;
  t.atomic_add = atomic_add;
  t.fence = fence;
  t.quiet = quiet;
  t.barrier = barrier;
  t.put_async = put_async;
  t.get_async = get_async;
  t.wait_point = wait_point;
  t.register_region = register_region;
  t.release_region = release_region;
  t.put_region = put_region;
  t.get_region = get_region;
  t.fail = fail;
  t.collective = collective;
  return t;
}();

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
