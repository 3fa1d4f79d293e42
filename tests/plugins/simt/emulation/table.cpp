// All instances as one table.
#include "emulation/instances.hpp"
#include "emulation/kernel.hpp"
#include "emulation/list.hpp"

#include <algorithm>

namespace emulation {

namespace {
const Instances& table() {
  static const Instances all = [] {
    Instances joined = products();
    joined.merge(all_but_products());
    return joined;
  }();
  return all;
}
}  // namespace

Kernel find_instance(const std::string& entry) {
  const auto found = table().find(entry);
  if (found == table().end()) return {};
  return {found->second.params_bytes, found->second.run};
}

std::vector<std::string> all_instances() {
  std::vector<std::string> entries;
  for (const auto& [entry, instance] : table()) entries.push_back(entry);
  std::sort(entries.begin(), entries.end());
  return entries;
}

}  // namespace emulation
