// The fake host and the loading of the plugin; see fake_host.hpp.
#include "fake_host.hpp"

#include <rlx/sdk/error.hpp>

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>

// Strings of the description point into the status.
struct rlx_status {
  rlx_status_desc desc;
  std::string message, remedy, domain;
};

namespace tests {

namespace {

std::atomic<int64_t> bytes_in_use{0};

rlx_status* status_make(void*, const rlx_status_desc* desc) {
  auto* s = new rlx_status{*desc, std::string(rlx::sdk::view(desc->message)), std::string(rlx::sdk::view(desc->remedy)),
                           std::string(rlx::sdk::view(desc->domain))};
  s->desc.message = rlx::sdk::str(s->message);
  s->desc.remedy = rlx::sdk::str(s->remedy);
  s->desc.domain = rlx::sdk::str(s->domain);
  return s;
}

void status_release(void*, rlx_status* status) {
  delete status;
}

const rlx_status_desc* status_read(void*, const rlx_status* status) {
  return &status->desc;
}

void ignore_log(void*, uint32_t, rlx_str, rlx_str) {}

void* allocate(void*, uint64_t size_bytes, uint64_t align, rlx_str) {
  void* memory = nullptr;
  if (posix_memalign(&memory, align, size_bytes) != 0) return nullptr;
  bytes_in_use += static_cast<int64_t>(size_bytes);
  return memory;
}

void deallocate(void*, void* memory, uint64_t size_bytes, rlx_str) {
  std::free(memory);
  bytes_in_use -= static_cast<int64_t>(size_bytes);
}

template <typename Table>
const Table* table_of(const rlx_plugin_v1* plugin, uint32_t iface) {
  const void* table = nullptr;
  uint32_t version = 0;
  check(plugin->query_interface(iface, 1, &table, &version));
  return static_cast<const Table*>(table);
}

Plugin load() {
  rlx_status* why = nullptr;
  const rlx_plugin_v1* entry = plugin_entry()(&fake_host(), RLX_ABI_MINOR, RLX_ABI_OLDEST_PLUGIN_MINOR, &why);
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

const rlx_host_v1& fake_host() {
  // plan_memory, cache_dir and parallel_for stay empty: this plugin asks for none of them.
  static const rlx_host_v1 host{sizeof host, RLX_ABI_MINOR, nullptr,    status_make, status_release, status_read,
                                ignore_log,  allocate,      deallocate, nullptr,     nullptr,        nullptr};
  return host;
}

int64_t host_bytes_in_use() {
  return bytes_in_use;
}

void check(rlx_status* status) {
  if (!status) return;
  const Failure failure(status->desc.code, status->message);
  delete status;
  throw failure;
}

rlx_plugin_entry_fn plugin_entry() {
  const char* path = std::getenv("RLX_REF_PLUGIN");
  if (!path) throw std::runtime_error("RLX_REF_PLUGIN does not name the plugin's file");
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
