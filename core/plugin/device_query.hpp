// The grammar in which users name devices:
//
//   list  = query *("," query)          the first that exists
//   query = plugin                      "cpu"        its first device
//         | plugin ":" number           "cuda:1"
//         | [plugin ":"] "uuid=" hex    "cuda:uuid=5f1c...", dashes and upper case are fine
//         | "pci:" address              "pci:0000:01:00.0"
#pragma once

#include <rlx/registry.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rlx::plugin {

struct DeviceQuery {
  std::string text;    // as written, for messages
  std::string plugin;  // empty: any
  int64_t index = -1;  // -1: any
  std::string uuid, pci;
  bool matches(const DeviceInfo& info) const;
};

// INVALID_ARGUMENT names the part that is wrong. The list is not empty.
Result<std::vector<DeviceQuery>> parse_device_list(std::string_view text);

}  // namespace rlx::plugin
