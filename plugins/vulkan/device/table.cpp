// The device table. What a device supports is what planning each node says.
#include "device/platform.hpp"
#include "host.hpp"
#include "kernels/plan.hpp"
#include "tables.hpp"

#include <rlx/sdk/claim.hpp>
#include <rlx/sdk/out_struct.hpp>

#include <algorithm>

namespace rlx::vulkan {

namespace {

rlx_status* enumerate(uint32_t capacity, rlx_device** out_devices, uint32_t* out_count) {
  return sdk::guard([&] {
    const auto& list = devices();
    for (uint32_t i = 0; i < std::min<size_t>(capacity, list.size()); ++i) out_devices[i] = list[i].get();
    *out_count = static_cast<uint32_t>(list.size());
  });
}

rlx_status* info(rlx_device* device, rlx_device_info* out_info) {
  return sdk::guard([&] { sdk::write_out(out_info, device->physical.info()); });
}

sdk::Claim claim_of(const sdk::NodeView& node, const MatrixUnits& units) {
  Plan plan(node, units);
  try {
    plan_node(plan);
  } catch (const Refusal& refusal) {
    return sdk::Claim::no(refusal.why);
  }
  return plan.slow().empty() ? sdk::Claim::native(plan.overwrites()) : sdk::Claim::slow(plan.slow(), plan.overwrites());
}

rlx_status* query(rlx_device* device, const rlx_program* program, rlx_node_support* out_support,
                  uint64_t support_count) {
  return sdk::guard([&] {
    const auto claim = [&](const sdk::NodeView& node) { return claim_of(node, device->physical.matrix_units()); };
    sdk::answer_query(host(), *program, out_support, support_count, claim);
  });
}

}  // namespace

const rlx_device_table_v1& device_table() {
  static const rlx_device_table_v1 table{sizeof table, RLX_ABI_MINOR, enumerate, info, query};
  return table;
}

}  // namespace rlx::vulkan
