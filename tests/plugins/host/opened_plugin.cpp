// dlopen as the host does it; see opened_plugin.hpp.
#include "plugins/host/opened_plugin.hpp"

#include <rlx/sdk/error.hpp>

#include <dlfcn.h>

#include <cstdlib>

namespace tests {

namespace {

template <typename Table>
const Table* table_of(const rlx_plugin_v1* plugin, uint32_t iface) {
  const void* table = nullptr;
  uint32_t version = 0;
  check(plugin->query_interface(iface, 1, &table, &version));
  return static_cast<const Table*>(table);
}

Plugin load() {
  rlx_status* why = nullptr;
  const rlx_plugin_v1* entry = plugin_entry()(&test_host(), RLX_ABI_MINOR, RLX_ABI_OLDEST_PLUGIN_MINOR, &why);
  if (!entry) check(why);
  Plugin p{entry, table_of<rlx_device_table_v1>(entry, RLX_IFACE_DEVICE),
           table_of<rlx_arena_table_v1>(entry, RLX_IFACE_ARENA),
           table_of<rlx_executable_table_v1>(entry, RLX_IFACE_EXECUTABLE), nullptr};
  uint32_t count = 0;
  check(p.device_table->enumerate(1, &p.device, &count));
  if (count == 0) throw std::runtime_error("the plugin has no device");
  return p;
}

}  // namespace

void check(rlx_status* status) {
  if (!status) return;
  const rlx_status_desc& desc = *test_host().status_read(nullptr, status);
  const Failure failure(desc.code, std::string(rlx::sdk::view(desc.message)));
  test_host().status_release(nullptr, status);
  throw failure;
}

rlx_plugin_entry_fn plugin_entry() {
  const char* path = std::getenv("RLX_TEST_PLUGIN");
  if (!path) throw std::runtime_error("RLX_TEST_PLUGIN does not name the plugin's file");
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library) throw std::runtime_error(dlerror());
  void* symbol = dlsym(library, RLX_PLUGIN_ENTRY_NAME);
  if (!symbol) throw std::runtime_error(dlerror());
  return reinterpret_cast<rlx_plugin_entry_fn>(symbol);
}

const Plugin& plugin() {
  static const Plugin loaded = load();
  return loaded;
}

}  // namespace tests
