#include "runtime/fallback.hpp"

#include "plugin/environment.hpp"

#include <algorithm>

namespace rlx {
namespace {

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= list.size() && !list.empty();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    parts.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

void add(AllowedDevices& allowed, const Device& device) {
  const auto same = [&](const Device& d) { return d.id() == device.id(); };
  if (!same(allowed.chosen) && std::none_of(allowed.fallback.begin(), allowed.fallback.end(), same))
    allowed.fallback.push_back(device);
}

}  // namespace

Result<AllowedDevices> allowed_devices(const Registry& registry, const SessionOptions& options) {
  AllowedDevices allowed;
  RLX_ASSIGN(allowed.chosen, registry.find(options.device));
  allowed.listed = true;
  if (options.fallback) {
    for (const std::string& name : split(*options.fallback)) {
      RLX_ASSIGN(const Device device, registry.find(name));
      add(allowed, device);
    }
    return allowed;
  }
  std::string expression = options.device;
  if (expression.empty()) expression = plugin::read_environment(plugin::Variable::kDevice).value_or("");
  const std::vector<std::string> listed = split(expression);
  if (listed.size() > 1) {
    // A list says what is wanted where it exists, so what is absent is no error.
    for (const std::string& name : listed)
      if (const auto device = registry.find(name)) add(allowed, *device);
    return allowed;
  }
  allowed.listed = false;
  for (const Device& device : registry.devices())
    if (device.info().kind == DeviceKind::kCpu && !device.info().software) add(allowed, device);
  return allowed;
}

}  // namespace rlx
