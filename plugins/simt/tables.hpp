// The tables that both GPU plugins give to the host.
#pragma once

#include <rlx/plugin.h>

namespace rlx::simt {

const rlx_device_table_v1& device_table();
const rlx_arena_table_v1& arena_table();
const rlx_executable_table_v1& executable_table();

// What each of them exports.
extern const rlx_plugin_v1 kPlugin;

}  // namespace rlx::simt
