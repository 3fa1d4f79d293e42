// /proc/meminfo, and the limits of control groups v2 and v1.
#include "memory_info.hpp"

#include <algorithm>
#include <fstream>
#include <string>

namespace rlx::cpu {

namespace {

// A file with one number; fallback when it is missing or says "max".
uint64_t read_number(const std::string& path, uint64_t fallback) {
  std::ifstream file(path);
  uint64_t value = 0;
  return file >> value ? value : fallback;
}

// The group's path of a controller from /proc/self/cgroup: lines "0::/a/b" (v2) or "9:memory:/a/b" (v1).
std::string group_path(const std::string& controller) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    if (line.substr(first + 1, second - first - 1) == controller) return line.substr(second + 1);
  }
  return "/";
}

// Every group on the way up may have a limit of its own.
void apply_limits(MemoryInfo& m, const std::string& root, std::string path, const char* limit_file,
                  const char* usage_file) {
  for (;;) {
    const std::string folder = root + path + "/";
    const uint64_t limit = read_number(folder + limit_file, UINT64_MAX);
    if (limit < m.total) {
      m.total = limit;
      const uint64_t usage = read_number(folder + usage_file, 0);
      m.free = std::min(m.free, limit > usage ? limit - usage : 0);
    }
    const size_t slash = path.rfind('/');
    if (path.empty() || slash == std::string::npos) return;
    path.resize(slash);
  }
}

}  // namespace

MemoryInfo read_memory_info() {
  MemoryInfo m;
  std::ifstream file("/proc/meminfo");
  for (std::string key, unit; file >> key;) {
    uint64_t kib = 0;
    if (!(file >> kib)) break;
    std::getline(file, unit);
    if (key == "MemTotal:") m.total = kib << 10;
    if (key == "MemAvailable:") m.free = kib << 10;
  }
  apply_limits(m, "/sys/fs/cgroup", group_path(""), "memory.max", "memory.current");
  apply_limits(m, "/sys/fs/cgroup/memory", group_path("memory"), "memory.limit_in_bytes", "memory.usage_in_bytes");
  const uint64_t reserve = m.total / 16;
  m.budget = m.free > reserve ? m.free - reserve : 0;
  return m;
}

}  // namespace rlx::cpu
