// The way into a plugin: the host table that it was given, its tables by interface, and the one exported function.
#pragma once

#include <rlx/sdk/error.hpp>

#include <atomic>
#include <initializer_list>

namespace rlx::sdk {

// The entry may be called again while contexts run. Hidden: each plugin of a process has its own.
__attribute__((visibility("hidden"))) inline std::atomic<const rlx_host_v1*> the_host{nullptr};

// The host's services, from the entry on. Threads: any.
inline const rlx_host_v1& host() {
  return *the_host.load(std::memory_order_acquire);
}
// For the entry, and for tests that call into a plugin without one.
inline void set_host(const rlx_host_v1* host) {
  the_host.store(host, std::memory_order_release);
}

// guard() with the plugin's host.
template <typename Fn>
rlx_status* guard(Fn&& fn) noexcept {
  return guard(host(), std::forward<Fn>(fn));
}

// A table in version 1 of its interface.
struct Interface {
  uint32_t iface;  // RLX_IFACE_*
  const void* table;
};

// What query_interface answers: NOT_FOUND for an interface that is not listed.
inline rlx_status* offer(std::string_view plugin, std::initializer_list<Interface> tables, uint32_t iface,
                         uint32_t max_version, const void** out_table, uint32_t* out_version) {
  return guard([&] {
    for (const Interface& i : tables)
      if (i.iface == iface && max_version >= 1) {
        *out_table = i.table;
        *out_version = 1;
        return;
      }
    throw Error(RLX_NOT_FOUND, std::string(plugin) + ": no interface " + std::to_string(iface) + " in version " +
                                   std::to_string(max_version) + " or lower");
  });
}

// Keeps the host and returns the plugin, or NULL and ABI_MISMATCH when the minors do not fit.
inline const rlx_plugin_v1* enter(const char* id, const rlx_plugin_v1& plugin, const rlx_host_v1* host,
                                  uint32_t host_minor, uint32_t host_oldest_plugin_minor, rlx_status** out_why) {
  if (host_minor < RLX_ABI_MINOR || host_oldest_plugin_minor > RLX_ABI_MINOR) {
    if (out_why)
      *out_why = make_status(*host, RLX_ABI_MISMATCH,
                             std::string(id) + ": built for ABI minor " + std::to_string(RLX_ABI_MINOR) +
                                 ", the host has " + std::to_string(host_minor) + " and serves plugins from " +
                                 std::to_string(host_oldest_plugin_minor));
    return nullptr;
  }
  set_host(host);
  return &plugin;
}

}  // namespace rlx::sdk

// Defines the exported function. Use it once, at file scope, in the file with the note: plugin is a rlx_plugin_v1.
#define RLX_PLUGIN_EXPORT(id, plugin)                                                                          \
  extern "C" __attribute__((visibility("default"))) const rlx_plugin_v1* RLX_PLUGIN_ENTRY(                     \
      const rlx_host_v1* host, uint32_t host_minor, uint32_t host_oldest_plugin_minor, rlx_status** out_why) { \
    return rlx::sdk::enter(id, plugin, host, host_minor, host_oldest_plugin_minor, out_why);                   \
  }
