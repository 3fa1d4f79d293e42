// The devices of an opened plugin, in an order that does not depend on the driver's.
#pragma once

#include "plugin/device.hpp"
#include "plugin/open.hpp"

#include <memory>
#include <vector>

namespace rlx::plugin {

struct Enumerated {
  std::vector<std::shared_ptr<DeviceImpl>> devices;  // by UUID, PCI address, position; ids are set
  std::vector<std::string> notes;                    // devices that were left out, and why
};

// kInitFailed: enumerate failed or contradicted itself, or every device failed to describe itself.
Checked<Enumerated> enumerate_devices(const OpenedPlugin& plugin, const std::string& plugin_id);

// Reads a device's facts; `info.id` and `info.plugin` stay empty.
Result<DeviceInfo> read_device_info(const rlx_device_table_v1& table, rlx_device* handle);

}  // namespace rlx::plugin
