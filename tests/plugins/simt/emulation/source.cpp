// Finds regions and entries in a module's source.
#include "emulation/kernel.hpp"
#include "emulation/region.hpp"

#include <cstdio>
#include <sstream>
#include <stdexcept>

namespace emulation {

namespace {

// What stands between the braces of apply() in a region's struct.
std::string body_of(const std::string& source, const std::string& region) {
  const size_t at = source.find("struct " + region + " {");
  if (at == std::string::npos) throw std::runtime_error("no struct " + region);
  const size_t open = source.find(") {\n", at), close = source.find("\n  }\n", open);
  if (open == std::string::npos || close == std::string::npos) throw std::runtime_error(region + " has no apply()");
  return source.substr(open + 4, close - open - 3);
}

Kernel kernel_of(const std::string& source, const std::string& entry) {
  if (Kernel instance = find_instance(entry); instance.run) return instance;
  const std::string begin = "ElementwiseParams, elementwise<";
  if (entry.rfind(begin, 0) != 0) throw std::runtime_error("no kernel was compiled for: " + entry);
  // "region_0, 2, u32>"
  std::istringstream arguments(entry.substr(begin.size()));
  std::string region, rank, index;
  std::getline(arguments, region, ',');
  std::getline(arguments, rank, ',');
  std::getline(arguments, index);
  return read_region(body_of(source, region), static_cast<uint32_t>(std::stoul(rank)), index == " u32>");
}

}  // namespace

std::map<std::string, Kernel> read_source(const std::string& source) {
  std::map<std::string, Kernel> kernels;
  const std::string begin = "SIMT_ENTRY(";
  std::istringstream lines(source);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(begin, 0) != 0) continue;
    const size_t comma = line.find(", ");
    if (comma == std::string::npos || line.back() != ')') throw std::runtime_error("no entry: " + line);
    const std::string name = line.substr(begin.size(), comma - begin.size());
    kernels[name] = kernel_of(source, line.substr(comma + 2, line.size() - comma - 3));
  }
  return kernels;
}

}  // namespace emulation
