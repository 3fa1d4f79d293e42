// From source to machine code through the run-time compiler.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace rlx::simt {

// All that the result depends on, besides the compiler and the headers of this plugin.
struct BuildRequest {
  std::string source;
  std::vector<std::string> options;
  std::string driver;
};

// A file of device/, as the compiler gets it.
struct DeviceHeader {
  const char* name;
  const char* text;
};
// All of them; the build puts them into the plugin.
std::span<const DeviceHeader> device_headers();

// "13.0". Throws what opening the compiler throws.
std::string compiler_version();

// Throws INTERNAL with the compiler's log.
std::string build_kernel(const BuildRequest& request);

}  // namespace rlx::simt
