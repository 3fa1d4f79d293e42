// The host's own copies of a plugin's tables: full size whatever size the plugin's minor has, with no NULL slots.
// Absent slots answer UNIMPLEMENTED and name themselves, so callers never check and never call past the end. (Absent
// `submit` is how a plugin says that the host shall run the context on a thread of its own.)
#pragma once

#include "plugin/verdict.hpp"

#include <rlx/plugin.h>

namespace rlx::plugin {

// Each copies what the plugin's struct_size covers. kBadTable: NULL, misaligned, too short to hold its own size, or a
// slot missing without which nothing works; all such slots are named.
Checked<rlx_plugin_v1> complete_plugin_table(const rlx_plugin_v1* table);
Checked<rlx_device_table_v1> complete_device_table(const void* table);
Checked<rlx_executable_table_v1> complete_executable_table(const void* table);
Checked<rlx_arena_table_v1> complete_arena_table(const void* table);
Checked<rlx_transport_table_v1> complete_transport_table(const void* table);

}  // namespace rlx::plugin
