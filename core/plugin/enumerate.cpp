// Asks a plugin for its devices and for the facts of each.
#include "plugin/enumerate.hpp"

#include "plugin/abi_call.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>

namespace rlx::plugin {

namespace {

constexpr uint32_t kFirstCapacity = 16;
constexpr uint32_t kMaxDevices = 65536;  // beyond it a count is an error, not a machine

std::string copy(rlx_str text) {
  return text.data && text.size ? std::string(text.data, text.size) : std::string();
}

std::string uuid_text(const uint8_t (&uuid)[16]) {
  std::string text;
  for (uint8_t byte : uuid) text += fmt::format("{:02x}", byte);
  return text;
}

std::string pci_text(uint32_t domain, uint32_t bus_device_function) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", domain, bus_device_function >> 8 & 0xff,
                     bus_device_function >> 3 & 31, bus_device_function & 7);
}

Checked<std::vector<rlx_device*>> ask(const rlx_device_table_v1& table) {
  const auto fail = [](std::string why, std::string remedy = {}) {
    return refuse(VerdictCode::kInitFailed, "enumerate: " + std::move(why), std::move(remedy));
  };
  uint32_t capacity = kFirstCapacity;
  while (true) {
    std::vector<rlx_device*> devices(capacity, nullptr);
    uint32_t count = 0;
    const Status status = call("enumerate", table.enumerate, capacity, devices.data(), &count);
    if (!status) return fail(code_name(status.error().code) + ": " + status.error().message, status.error().remedy);
    if (count > kMaxDevices) return fail(fmt::format("{} devices, at most {} are possible", count, kMaxDevices));
    if (count > capacity) {
      capacity = count;
      continue;
    }
    devices.resize(count);
    if (std::find(devices.begin(), devices.end(), nullptr) != devices.end()) return fail("a device is NULL");
    return devices;
  }
}

}  // namespace

Result<DeviceInfo> read_device_info(const rlx_device_table_v1& table, rlx_device* handle) {
  rlx_device_info raw{};
  raw.struct_size = sizeof raw;
  raw.numa_node = UINT32_MAX;
  RLX_TRY(call("info", table.info, handle, &raw));
  DeviceInfo info;
  info.kind = static_cast<DeviceKind>(raw.kind);
  info.software = raw.flags & RLX_DEVICE_SOFTWARE;
  info.host_pointers = raw.flags & RLX_DEVICE_HOST_POINTERS;
  info.score = raw.score;
  info.compute_units = raw.compute_units;
  info.numa_node = raw.numa_node == UINT32_MAX ? -1 : static_cast<int>(raw.numa_node);
  info.memory_total = raw.memory_total;
  info.memory_free = raw.memory_free;
  info.memory_budget = raw.memory_budget;
  if (raw.flags & RLX_DEVICE_HAS_UUID) info.uuid = uuid_text(raw.uuid);
  if (raw.flags & RLX_DEVICE_HAS_PCI) info.pci = pci_text(raw.pci_domain, raw.pci_bus_device_function);
  info.name = copy(raw.name);
  info.arch = copy(raw.arch);
  info.driver = copy(raw.driver);
  info.features = copy(raw.features);
  return info;
}

Checked<Enumerated> enumerate_devices(const OpenedPlugin& plugin, const std::string& plugin_id) {
  Enumerated result;
  if (!plugin.device) return result;
  const OpenedPlugin::DeviceTables& tables = *plugin.device;
  const Checked<std::vector<rlx_device*>> handles = ask(tables.device);
  if (!handles) return tl::unexpected<Refusal>(handles.error());
  for (size_t i = 0; i < handles->size(); ++i) {
    Result<DeviceInfo> info = read_device_info(tables.device, (*handles)[i]);
    if (info) {
      info->plugin = plugin_id;
      result.devices.emplace_back(
          new DeviceImpl{tables.device, tables.executable, tables.arena, (*handles)[i], std::move(*info)});
    } else {
      result.notes.push_back(fmt::format("info: device {} left out: {}", i, info.error().message));
    }
  }
  if (result.devices.empty() && !result.notes.empty()) return refuse(VerdictCode::kInitFailed, result.notes.front());

  std::stable_sort(result.devices.begin(), result.devices.end(), [](const auto& a, const auto& b) {
    return std::tie(a->info.uuid, a->info.pci) < std::tie(b->info.uuid, b->info.pci);
  });
  for (size_t i = 0; i < result.devices.size(); ++i) result.devices[i]->info.id = fmt::format("{}:{}", plugin_id, i);
  return result;
}

}  // namespace rlx::plugin
