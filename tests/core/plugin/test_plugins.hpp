// Where the plugins of tests/plugins/faulty are, whoever starts the test program and from wherever.
#pragma once

#include <filesystem>
#include <string>

namespace tests {

inline std::filesystem::path faulty_plugin_dir() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "../plugins/faulty";
}

// "null" -> ".../rlx_null.so"
inline std::string faulty_plugin(const std::string& variant) {
  return (faulty_plugin_dir() / ("rlx_" + variant + ".so")).lexically_normal().string();
}

}  // namespace tests
