// The entry of the reference plugin: identity note and tables. A plugin of your own starts as a copy of this file with
// another id; docs/plugin-author.md walks through it.
#include "tables.hpp"

#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/note.hpp>

RLX_PLUGIN_NOTE("ref", "rlx", "0.1.0", RLX_KIND_DEVICE);

namespace {

using namespace rlx::ref;

rlx_status* query_interface(uint32_t iface, uint32_t max_version, const void** out_table, uint32_t* out_version) {
  return rlx::sdk::offer("ref",
                         {{RLX_IFACE_DEVICE, &device_table()},
                          {RLX_IFACE_ARENA, &arena_table()},
                          {RLX_IFACE_EXECUTABLE, &executable_table()}},
                         iface, max_version, out_table, out_version);
}

// Kernels run on the caller's thread and memory belongs to contexts: nothing is in flight or cached here.
rlx_status* shutdown(uint64_t) {
  return nullptr;
}

constexpr rlx_plugin_v1 kPlugin{sizeof(rlx_plugin_v1), RLX_ABI_MINOR, query_interface, shutdown};

}  // namespace

RLX_PLUGIN_EXPORT("ref", kPlugin)
