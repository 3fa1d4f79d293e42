// The entry of the Vulkan plugin: identity note and tables.
#include "device/platform.hpp"
#include "tables.hpp"

#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/note.hpp>

RLX_PLUGIN_NOTE("vulkan", "rlx", "0.1.0", RLX_KIND_DEVICE);

namespace {

using namespace rlx::vulkan;

rlx_status* query_interface(uint32_t iface, uint32_t max_version, const void** out_table, uint32_t* out_version) {
  return rlx::sdk::offer("vulkan",
                         {{RLX_IFACE_DEVICE, &device_table()},
                          {RLX_IFACE_ARENA, &arena_table()},
                          {RLX_IFACE_EXECUTABLE, &executable_table()}},
                         iface, max_version, out_table, out_version);
}

rlx_status* shutdown(uint64_t) {
  return rlx::sdk::guard([] { drain_devices(); });
}

constexpr rlx_plugin_v1 kPlugin{sizeof(rlx_plugin_v1), RLX_ABI_MINOR, query_interface, shutdown};

}  // namespace

RLX_PLUGIN_EXPORT("vulkan", kPlugin)
