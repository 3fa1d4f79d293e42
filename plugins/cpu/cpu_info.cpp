// Reads the processor's name, features and caches: CPUID for features, /proc and /sys for the rest.
#include "cpu_info.hpp"

#include <hwy/targets.h>
#include <sched.h>

#include <fstream>
#include <string>

namespace rlx::cpu {

namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.rfind("model name", 0) == 0 || line.rfind("Model", 0) == 0) {
      const size_t colon = line.find(": ");
      if (colon != std::string::npos) return line.substr(colon + 2);
    }
  return "CPU";
}

// "512K", "32M" as in /sys/devices/system/cpu/cpu0/cache/index*/size.
uint64_t parse_size(const std::string& text) {
  uint64_t value = 0;
  size_t i = 0;
  for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
    value = value * 10 + static_cast<uint64_t>(text[i] - '0');
  if (i < text.size() && text[i] == 'K') value <<= 10;
  if (i < text.size() && text[i] == 'M') value <<= 20;
  return value;
}

void read_caches(CpuInfo& info) {
  for (int index = 0; index < 8; ++index) {
    const std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" + std::to_string(index) + "/";
    const std::string level = first_line(folder + "level");
    if (level.empty()) break;
    if (first_line(folder + "type") == "Instruction") continue;
    const uint64_t size = parse_size(first_line(folder + "size"));
    if (size == 0) continue;
    if (level == "1") info.l1_bytes = size;
    if (level == "2") info.l2_bytes = size;
    if (level == "3") info.l3_bytes = size;
  }
}

// The node of a core: /sys/devices/system/cpu/cpu3 has an entry node0.
uint32_t node_of_core(int core) {
  for (uint32_t node = 0; node < 64; ++node)
    if (std::ifstream("/sys/devices/system/cpu/cpu" + std::to_string(core) + "/node" + std::to_string(node) +
                      "/cpulist"))
      return node;
  return UINT32_MAX;
}

// The cores this process may use, and their NUMA node when they share one.
void read_cores(CpuInfo& info) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return;
  bool first = true;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &set)) continue;
    const uint32_t node = node_of_core(core);
    info.numa_node = first || node == info.numa_node ? node : UINT32_MAX;
    if (!first && info.numa_node == UINT32_MAX) break;
    first = false;
  }
  const int count = CPU_COUNT(&set);
  info.cores = count > 0 ? static_cast<unsigned>(count) : 1;
}

void read_features(CpuInfo& info) {
#if defined(__x86_64__)
  info.arch = "x86_64";
  __builtin_cpu_init();
  auto add = [&](const char* name, bool has) {
    if (has) info.features += (info.features.empty() ? "" : " ") + std::string(name);
  };
  add("sse4.2", __builtin_cpu_supports("sse4.2"));
  add("avx", __builtin_cpu_supports("avx"));
  add("avx2", __builtin_cpu_supports("avx2"));
  add("fma", __builtin_cpu_supports("fma"));
  add("avx512f", __builtin_cpu_supports("avx512f"));
  add("avx512bw", __builtin_cpu_supports("avx512bw"));
  add("avx512vnni", __builtin_cpu_supports("avx512vnni"));
  info.simd_bytes = __builtin_cpu_supports("avx512f") ? 64 : __builtin_cpu_supports("avx2") ? 32 : 16;
#elif defined(__aarch64__)
  info.arch = "aarch64";
  info.features = "neon";
#else
  info.arch = "unknown";
#endif
}

CpuInfo read_info() {
  // Highway's tables start at a stub that detects the processor on the first call. Done here, before any kernel is
  // made, HWY_DYNAMIC_DISPATCH yields the final function, which a kernel may keep.
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  CpuInfo info;
  info.name = processor_name();
  read_cores(info);
  read_features(info);
  read_caches(info);
  return info;
}

}  // namespace

const CpuInfo& cpu_info() {
  static const CpuInfo info = read_info();
  return info;
}

}  // namespace rlx::cpu
