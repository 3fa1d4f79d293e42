// The device table: one software device. What it supports is what kernels.inc lists.
#include "host.hpp"
#include "kernel.hpp"
#include "tables.hpp"

#include <rlx/sdk/claim.hpp>
#include <rlx/sdk/out_struct.hpp>

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
  return sdk::guard([&] {
    rlx_device_info i{};
    i.kind = RLX_DEVICE_CPU;
    i.flags = RLX_DEVICE_SOFTWARE | RLX_DEVICE_HOST_POINTERS;
    i.score = 1;
    i.compute_units = 1;
    i.numa_node = UINT32_MAX;
    i.memory_total = memory_line("MemTotal:");
    i.memory_free = i.memory_budget = memory_line("MemAvailable:");
    i.name = sdk::str("reference kernels");
    i.arch = sdk::str(kArch);
    sdk::write_out(out_info, i);
  });
}

rlx_status* query(rlx_device*, const rlx_program* program, rlx_node_support* out_support, uint64_t support_count) {
  return sdk::guard([&] {
    sdk::answer_query(host(), *program, out_support, support_count, [](const sdk::NodeView& node) {
      std::string why_not = missing_kernel(node);
      return why_not.empty() ? sdk::Claim::native() : sdk::Claim::no(std::move(why_not));
    });
  });
}

}  // namespace

const rlx_device_table_v1& device_table() {
  static const rlx_device_table_v1 table{sizeof table, RLX_ABI_MINOR, enumerate, info, query};
  return table;
}

}  // namespace rlx::ref
