// Opening a plugin: dlopen, the entry, the tables. Each file is opened at most once per process, whatever number of
// registries ask, and never closed: drivers do not survive it.
#pragma once

#include "plugin/verdict.hpp"

#include <rlx/plugin.h>

#include <optional>

namespace rlx::plugin {

// Lives until the process ends.
struct OpenedPlugin {
  std::string path;
  rlx_plugin_v1 plugin{};
  // Present when the note's kind bits say so.
  struct DeviceTables {
    rlx_device_table_v1 device{};
    rlx_executable_table_v1 executable{};
    rlx_arena_table_v1 arena{};
  };
  std::optional<DeviceTables> device;
  std::optional<rlx_transport_table_v1> transport;
};

// Runs code of the plugin. The path is absolute and has no links. kOpenFailed (missing libraries are named together
// with who needs them), kNoEntry, kRefused, kBadTable. A failure is not remembered: the next registry tries again.
Checked<const OpenedPlugin*> open_plugin(const std::string& real_path, uint32_t kind_bits);

}  // namespace rlx::plugin
