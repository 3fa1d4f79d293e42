// The device table: the driver's devices, and what the kernel list says about a program.
#include "device.hpp"
#include "kernel.hpp"
#include "tables.hpp"

#include <rlx/sdk/entry.hpp>
#include <rlx/sdk/out_struct.hpp>

#include <algorithm>

namespace rlx::simt {

namespace {

// A multiprocessor does about what four cores of a current CPU do.
constexpr uint32_t kScorePerMultiprocessor = 400;

Device& of(rlx_device* device) {
  return *reinterpret_cast<Device*>(device);
}

rlx_status* enumerate(uint32_t capacity, rlx_device** out_devices, uint32_t* out_count) {
  return sdk::guard([&] {
    const auto& all = devices();
    for (uint32_t i = 0; i < std::min<size_t>(capacity, all.size()); ++i)
      out_devices[i] = reinterpret_cast<rlx_device*>(all[i].get());
    *out_count = static_cast<uint32_t>(all.size());
  });
}

rlx_status* info(rlx_device* device, rlx_device_info* out_info) {
  return sdk::guard([&] {
    Device& d = of(device);
    rlx_device_info i{};
    i.kind = d.integrated() ? RLX_DEVICE_GPU_INTEGRATED : RLX_DEVICE_GPU_DISCRETE;
    i.flags = RLX_DEVICE_HAS_UUID | RLX_DEVICE_HAS_PCI;
    i.score = d.multiprocessors() * kScorePerMultiprocessor;
    i.compute_units = d.multiprocessors();
    i.numa_node = UINT32_MAX;
    i.pci_domain = d.pci_domain();
    i.pci_bus_device_function = d.pci_bus_device_function();
    d.memory(i.memory_free, i.memory_total);
    i.memory_budget = i.memory_free;
    std::copy(d.uuid().begin(), d.uuid().end(), i.uuid);
    i.name = sdk::str(d.name());
    i.arch = sdk::str(d.arch());
    i.features = sdk::str(d.features());
    i.driver = sdk::str(d.driver_text());
    sdk::write_out(out_info, i);
  });
}

rlx_status* query(rlx_device*, const rlx_program* program, rlx_node_support* out_support, uint64_t support_count) {
  return sdk::guard([&] {
    sdk::answer_query(sdk::host(), *program, out_support, support_count,
                      [](const NodeView& node) { return match_kernel(node).claim; });
  });
}

}  // namespace

const rlx_device_table_v1& device_table() {
  static const rlx_device_table_v1 table{sizeof table, RLX_ABI_MINOR, enumerate, info, query};
  return table;
}

}  // namespace rlx::simt
