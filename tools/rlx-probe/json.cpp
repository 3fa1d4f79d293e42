// The only file of this tool that includes nlohmann-json. docs/man/rlx-probe.1 describes the members.
#include "json.hpp"

#include <rlx/base.h>

#include <nlohmann/json.hpp>

namespace rlx::tools {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;

Json device_json(const DeviceInfo& info) {
  return {
      {"id", info.id},
      {"plugin", info.plugin},
      {"kind", name_of(info.kind)},
      {"software", info.software},
      {"host_pointers", info.host_pointers},
      {"score", info.score},
      {"compute_units", info.compute_units},
      {"numa_node", info.numa_node},
      {"memory_total_bytes", info.memory_total},
      {"memory_free_bytes", info.memory_free},
      {"memory_budget_bytes", info.memory_budget},
      {"uuid", info.uuid},
      {"pci", info.pci},
      {"name", info.name},
      {"arch", info.arch},
      {"driver", info.driver},
      {"features", info.features},
  };
}

Json verdict_json(const Verdict& v) {
  return {
      {"path", v.path},
      {"id", v.id},
      {"version", v.version},
      {"vendor", v.vendor},
      {"abi_major", v.abi_major},
      {"abi_minor_built", v.abi_minor_built},
      {"abi_minor_min_host", v.abi_minor_min_host},
      {"negotiated_minor", v.negotiated_minor},
      {"verdict", name_of(v.code)},
      {"reason", v.reason},
      {"remedy", v.remedy},
      {"chain", v.chain},
      {"device_count", v.device_count},
  };
}

}  // namespace

void print_json(std::ostream& out, const Registry& registry, const std::vector<Verdict>& verdicts) {
  const Result<Device> chosen = registry.find("");
  Json root{
      {"schema", kSchema},
      {"abi", {{"major", RLX_ABI_MAJOR}, {"minor", RLX_ABI_MINOR}, {"oldest_plugin", RLX_ABI_OLDEST_PLUGIN_MINOR}}},
      {"default_device", chosen ? chosen->id() : std::string()},
      {"devices", Json::array()},
      {"plugins", Json::array()},
      {"environment", Json::object()},
  };
  for (const Device& device : registry.devices()) root["devices"].push_back(device_json(device.info()));
  for (const Verdict& v : verdicts) root["plugins"].push_back(verdict_json(v));
  for (const EnvironmentVariable& v : environment_variables())
    root["environment"][std::string(v.name)] = v.value ? Json(*v.value) : Json();
  // Paths are bytes, JSON is UTF-8: what is not gets replaced.
  out << root.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace rlx::tools
