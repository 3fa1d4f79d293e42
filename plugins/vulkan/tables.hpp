// The plugin's tables, one per interface of the ABI.
#pragma once

#include <rlx/plugin.h>

namespace rlx::vulkan {

const rlx_device_table_v1& device_table();
const rlx_arena_table_v1& arena_table();
const rlx_executable_table_v1& executable_table();

}  // namespace rlx::vulkan
