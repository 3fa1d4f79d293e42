// The reference plugin with holes: two devices that refuse what RLX_TEST_REFUSE says at the moment they are asked.
//
//   RLX_TEST_REFUSE=softmax,reduce    nodes of these ops
//   RLX_TEST_REFUSE=%3+1              named nodes whose name's hash is 1 modulo 3
//
// picky:0 uses the caller's memory, picky:1 does not, so that every value has to be carried to it.
#include "host.hpp"
#include "tables.hpp"

#include <rlx/sdk/note.hpp>
#include <rlx/sdk/program_view.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <string>

RLX_PLUGIN_NOTE("picky", "rlx", "0.1.0", RLX_KIND_DEVICE);

namespace {

using namespace rlx::ref;
namespace sdk = rlx::sdk;

// The reference kernels have no use for a device, so any two addresses will do.
char devices[2];

uint32_t hash(std::string_view text) {
  uint32_t h = 2166136261u;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h ^ (h >> 15);
}

bool refuses(const std::string& rule, const sdk::NodeView& node) {
  if (rule.empty() || rule[0] != '%') return rule == node.op();
  const uint32_t modulus = static_cast<uint32_t>(std::atoi(rule.c_str() + 1));
  const uint32_t rest = static_cast<uint32_t>(std::atoi(rule.c_str() + rule.find('+') + 1));
  return modulus && node.raw().name.size && hash(sdk::view(node.raw().name)) % modulus == rest;
}

rlx_status* enumerate(uint32_t capacity, rlx_device** out_devices, uint32_t* out_count) {
  for (uint32_t i = 0; i < std::min<uint32_t>(capacity, 2); ++i)
    out_devices[i] = reinterpret_cast<rlx_device*>(&devices[i]);
  *out_count = 2;
  return nullptr;
}

rlx_status* info(rlx_device* device, rlx_device_info* out_info) {
  rlx_status* status = device_table().info(device, out_info);
  if (!status && device == reinterpret_cast<rlx_device*>(&devices[1])) out_info->flags &= ~RLX_DEVICE_HOST_POINTERS;
  return status;
}

rlx_status* query(rlx_device* device, const rlx_program* program, rlx_node_support* out, uint64_t count) {
  if (rlx_status* status = device_table().query(device, program, out, count)) return status;
  return sdk::guard([&] {
    const char* refused = std::getenv("RLX_TEST_REFUSE");
    const sdk::ProgramView view(*program);
    for (uint64_t i = 0; refused && i < count; ++i) {
      const sdk::NodeView node = view.node(view.main(), i);
      std::istringstream rules(refused);
      for (std::string rule; std::getline(rules, rule, ',');) {
        if (out[i].level == RLX_SUPPORT_NO || !refuses(rule, node)) continue;
        out[i].level = RLX_SUPPORT_NO;
        out[i].reason = sdk::make_status(host(), RLX_UNIMPLEMENTED, "picky refuses " + std::string(node.op()));
      }
    }
  });
}

rlx_status* query_interface(uint32_t iface, uint32_t max_version, const void** out_table, uint32_t* out_version) {
  static constexpr rlx_device_table_v1 kDevices{sizeof kDevices, RLX_ABI_MINOR, enumerate, info, query};
  return sdk::offer(
      "picky",
      {{RLX_IFACE_DEVICE, &kDevices}, {RLX_IFACE_ARENA, &arena_table()}, {RLX_IFACE_EXECUTABLE, &executable_table()}},
      iface, max_version, out_table, out_version);
}

rlx_status* shutdown(uint64_t) {
  return nullptr;
}

constexpr rlx_plugin_v1 kPlugin{sizeof(rlx_plugin_v1), RLX_ABI_MINOR, query_interface, shutdown};

}  // namespace

RLX_PLUGIN_EXPORT("picky", kPlugin)
