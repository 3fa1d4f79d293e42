// The entry of the Vulkan plugin: identity note, version check, tables.
#include "device/platform.hpp"
#include "host.hpp"
#include "tables.hpp"

#include <rlx/sdk/note.hpp>

RLX_PLUGIN_NOTE("vulkan", "rlx", "0.1.0", RLX_KIND_DEVICE);

namespace {

using namespace rlx::vulkan;
namespace sdk = rlx::sdk;

rlx_status* query_interface(uint32_t iface, uint32_t max_version, const void** out_table, uint32_t* out_version) {
  return sdk::guard(host(), [&] {
    const void* table = nullptr;
    if (max_version >= 1) {
      if (iface == RLX_IFACE_DEVICE) table = &device_table();
      if (iface == RLX_IFACE_ARENA) table = &arena_table();
      if (iface == RLX_IFACE_EXECUTABLE) table = &executable_table();
    }
    if (!table)
      throw sdk::Error(RLX_NOT_FOUND, "vulkan: no interface " + std::to_string(iface) + " in version " +
                                          std::to_string(max_version) + " or lower");
    *out_table = table;
    *out_version = 1;
  });
}

rlx_status* shutdown(uint64_t) {
  return sdk::guard(host(), [] { drain_devices(); });
}

constexpr rlx_plugin_v1 kPlugin{sizeof(rlx_plugin_v1), RLX_ABI_MINOR, query_interface, shutdown};

}  // namespace

extern "C" __attribute__((visibility("default"))) const rlx_plugin_v1* RLX_PLUGIN_ENTRY(
    const rlx_host_v1* host, uint32_t host_minor, uint32_t host_oldest_plugin_minor, rlx_status** out_why) {
  if (host_minor < RLX_ABI_MINOR || host_oldest_plugin_minor > RLX_ABI_MINOR) {
    if (out_why)
      *out_why = sdk::make_status(*host, RLX_ABI_MISMATCH,
                                  "vulkan: built for ABI minor " + std::to_string(RLX_ABI_MINOR) + ", the host has " +
                                      std::to_string(host_minor) + " and serves plugins from " +
                                      std::to_string(host_oldest_plugin_minor));
    return nullptr;
  }
  set_host(host);
  return &kPlugin;
}
