// The device table: one device, the processor this process runs on.
#include "host.hpp"
#include "kernel.hpp"
#include "memory_info.hpp"
#include "tables.hpp"

#include <rlx/sdk/out_struct.hpp>

#include <dnnl.h>

#include <algorithm>

struct rlx_device {
  std::string driver;
};

namespace rlx::cpu {

namespace {

std::string driver_text() {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch) +
         ", Highway " RLX_HIGHWAY_VERSION;
}

rlx_device& the_device() {
  static rlx_device device{driver_text()};
  return device;
}

rlx_status* enumerate(uint32_t capacity, rlx_device** out_devices, uint32_t* out_count) {
  return sdk::guard([&] {
    if (capacity > 0) out_devices[0] = &the_device();
    *out_count = 1;
  });
}

rlx_status* info(rlx_device* device, rlx_device_info* out_info) {
  return sdk::guard([&] {
    const CpuInfo& cpu = cpu_info();
    const MemoryInfo memory = read_memory_info();
    rlx_device_info i{};
    i.kind = RLX_DEVICE_CPU;
    i.flags = RLX_DEVICE_HOST_POINTERS;
    i.score = cpu.cores * 100 * std::max(32u, cpu.simd_bytes) / 32;
    i.compute_units = cpu.cores;
    i.numa_node = cpu.numa_node;
    i.memory_total = memory.total;
    i.memory_free = memory.free;
    i.memory_budget = memory.budget;
    i.name = sdk::str(cpu.name);
    i.arch = sdk::str(cpu.arch);
    i.driver = sdk::str(device->driver);
    i.features = sdk::str(cpu.features);
    sdk::write_out(out_info, i);
  });
}

rlx_status* query(rlx_device*, const rlx_program* program, rlx_node_support* out_support, uint64_t support_count) {
  return sdk::guard([&] {
    sdk::answer_query(host(), *program, out_support, support_count,
                      [](const NodeView& node) { return match_kernel(node, cpu_info()).claim; });
  });
}

}  // namespace

const rlx_device_table_v1& device_table() {
  static const rlx_device_table_v1 table{sizeof table, RLX_ABI_MINOR, enumerate, info, query};
  return table;
}

}  // namespace rlx::cpu
