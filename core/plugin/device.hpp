// One device as core's other layers see it: the plugin's tables, complete (plugin/table.hpp filled their holes), the
// plugin's handle and the facts read when it was found. Tables and handle live until the process ends.
#pragma once

#include <rlx/device.h>
#include <rlx/executable.h>

#include <rlx/registry.hpp>

namespace rlx {

struct DeviceImpl {
  const rlx_device_table_v1& device_table;
  const rlx_executable_table_v1& executable_table;
  const rlx_arena_table_v1& arena_table;
  rlx_device* handle;
  DeviceInfo info;
};

}  // namespace rlx
