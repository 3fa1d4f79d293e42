// The tables that both GPU plugins give to the host, and their entry.
#pragma once

#include <rlx/plugin.h>

namespace rlx::simt {

const rlx_device_table_v1& device_table();
const rlx_arena_table_v1& arena_table();
const rlx_executable_table_v1& executable_table();

// What the exported function does: negotiates, keeps the host, gives the plugin's table.
const rlx_plugin_v1* enter(const rlx_host_v1* host, uint32_t host_minor, uint32_t host_oldest_plugin_minor,
                           rlx_status** out_why);

}  // namespace rlx::simt
