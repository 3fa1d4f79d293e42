// The arena and the executable table, and the plugin's answers to the host.
#include "tables.hpp"

#include "context.hpp"
#include "vendor.hpp"

#include <rlx/sdk/arena_table.hpp>
#include <rlx/sdk/executable_table.hpp>

namespace rlx::simt {

namespace {

Executable* compile(rlx_device* device, const rlx_program& program, uint32_t, const sdk::Progress& progress,
                    bool may_use_tf32) {
  return new Executable(*reinterpret_cast<Device*>(device), program, progress, may_use_tf32);
}

rlx_status* query_interface(uint32_t iface, uint32_t max_version, const void** out_table, uint32_t* out_version) {
  return sdk::offer(vendor().id,
                    {{RLX_IFACE_DEVICE, &device_table()},
                     {RLX_IFACE_ARENA, &arena_table()},
                     {RLX_IFACE_EXECUTABLE, &executable_table()}},
                    iface, max_version, out_table, out_version);
}

// Runs have ended when run returns, so that only what is kept for reuse is left to free.
rlx_status* shutdown(uint64_t) {
  return sdk::guard([] {
    for (const auto& device : devices()) device->pool().trim(0);
  });
}

}  // namespace

const rlx_arena_table_v1& arena_table() {
  static constexpr rlx_arena_table_v1 table = sdk::arena_table<Context>();
  return table;
}

const rlx_executable_table_v1& executable_table() {
  static constexpr rlx_executable_table_v1 table = sdk::executable_table<compile, Context>();
  return table;
}

const rlx_plugin_v1 kPlugin{sizeof(rlx_plugin_v1), RLX_ABI_MINOR, query_interface, shutdown};

}  // namespace rlx::simt
