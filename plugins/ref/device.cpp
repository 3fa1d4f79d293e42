// The device table: one software device. What it supports is what kernels.inc lists.
#include "host.hpp"
#include "kernel.hpp"
#include "tables.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <thread>

struct rlx_device {};

namespace rlx::ref {

namespace {

constexpr const char* kArch =
#if defined(__x86_64__)
    "x86_64";
#elif defined(__aarch64__)
    "aarch64";
#else
    "generic";
#endif

rlx_device the_device;

// A line of /proc/meminfo in bytes, 0 if there is none: "MemTotal:  16318544 kB".
uint64_t memory_line(const std::string& key) {
  std::ifstream file("/proc/meminfo");
  std::string word, unit;
  uint64_t kilobytes = 0;
  while (file >> word) {
    if (word == key && file >> kilobytes) return kilobytes * 1024;
    std::getline(file, unit);
  }
  return 0;
}

rlx_status* enumerate(uint32_t capacity, rlx_device** out_devices, uint32_t* out_count) {
  if (capacity > 0) out_devices[0] = &the_device;
  *out_count = 1;
  return nullptr;
}

rlx_status* info(rlx_device*, rlx_device_info* out_info) {
  return sdk::guard(host(), [&] {
    rlx_device_info i{};
    i.struct_size = out_info->struct_size;
    i.kind = RLX_DEVICE_CPU;
    i.flags = RLX_DEVICE_SOFTWARE | RLX_DEVICE_HOST_POINTERS;
    i.score = 1;
    i.compute_units = 1;
    i.numa_node = UINT32_MAX;
    i.memory_total = memory_line("MemTotal:");
    i.memory_free = i.memory_budget = memory_line("MemAvailable:");
    i.name = sdk::str("reference kernels");
    i.arch = sdk::str(kArch);
    std::memcpy(out_info, &i, std::min<size_t>(sizeof i, out_info->struct_size));
  });
}

rlx_status* query(rlx_device*, const rlx_program* program, rlx_node_support* out_support, uint64_t support_count) {
  return sdk::guard(host(), [&] {
    const sdk::ProgramView view(*program);
    const rlx_region& main = view.main();
    if (support_count != main.node_count)
      throw sdk::Error(RLX_INVALID_ARGUMENT, "query: room for " + std::to_string(support_count) +
                                                 " answers, the program has " + std::to_string(main.node_count) +
                                                 " nodes");
    for (uint64_t i = 0; i < main.node_count; ++i) {
      const std::string why_not = missing_kernel(view.node(main, i));
      out_support[i].level = why_not.empty() ? RLX_SUPPORT_NATIVE : RLX_SUPPORT_NO;
      if (!why_not.empty()) out_support[i].reason = sdk::make_status(host(), RLX_UNIMPLEMENTED, why_not);
    }
  });
}

}  // namespace

const rlx_device_table_v1& device_table() {
  static const rlx_device_table_v1 table{sizeof table, RLX_ABI_MINOR, enumerate, info, query};
  return table;
}

}  // namespace rlx::ref
