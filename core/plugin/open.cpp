// dlopen, entry and tables of a plugin that passed the checks of its note.
#include "plugin/open.hpp"

#include "plugin/abi_call.hpp"
#include "plugin/host.hpp"
#include "plugin/missing_library.hpp"
#include "plugin/table.hpp"

#include <dlfcn.h>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <mutex>

namespace rlx::plugin {

namespace {

Checked<void*> open_library(const std::string& path) {
  // LOCAL: plugins must not see each other's symbols. NOW: a missing function shows here and not in the middle of a
  // run. NODELETE: threads and thread-local destructors of drivers outlive any close.
  if (void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) return library;
  const char* text = ::dlerror();
  std::string reason = fmt::format("dlopen: {}", text ? text : "no reason given");
  // The linker names a missing library but not who needs it. Where it searches, we may not (its cache): only what it
  // names counts.
  for (const MissingLibrary& library : find_missing_libraries(path)) {
    if (reason.find(library.name) == std::string::npos) continue;
    reason += fmt::format("; {} is needed by {}", library.name, fmt::join(library.needed_by, " -> "));
    return refuse(
        VerdictCode::kOpenFailed, std::move(reason),
        fmt::format("install the package that has {0} (Debian and Ubuntu: apt-file search {0})", library.name));
  }
  return refuse(VerdictCode::kOpenFailed, std::move(reason),
                "reinstall the plugin together with the libraries it was built for");
}

Checked<const rlx_plugin_v1*> call_entry(void* library) {
  const auto entry = reinterpret_cast<rlx_plugin_entry_fn>(::dlsym(library, RLX_PLUGIN_ENTRY_NAME));
  if (!entry)
    return refuse(VerdictCode::kNoEntry, "entry: the file does not export " RLX_PLUGIN_ENTRY_NAME,
                  "report this to the plugin's author");
  rlx_status* why = nullptr;
  const rlx_plugin_v1* table = nullptr;
  std::string exception;
  try {
    table = entry(&host_table(), RLX_ABI_MINOR, RLX_ABI_OLDEST_PLUGIN_MINOR, &why);
  } catch (const std::exception& e) {
    exception = fmt::format("exception in {}: {}", RLX_PLUGIN_ENTRY_NAME, e.what());
  } catch (...) {
    exception = fmt::format("exception in {}", RLX_PLUGIN_ENTRY_NAME);
  }
  const Status reason = to_status(why);
  if (!exception.empty())
    return refuse(VerdictCode::kRefused, "entry: " + exception, "report this to the plugin's author");
  if (table) return table;
  if (reason) return refuse(VerdictCode::kRefused, "entry: the plugin refused and gave no reason");
  return refuse(VerdictCode::kRefused, "entry: " + reason.error().message, reason.error().remedy);
}

Checked<const void*> query_interface(const rlx_plugin_v1& plugin, uint32_t interface, std::string_view name) {
  constexpr uint32_t kVersion = 1;
  const void* table = nullptr;
  uint32_t version = 0;
  const Status answer = call("query_interface", plugin.query_interface, interface, kVersion, &table, &version);
  if (!answer)
    return refuse(VerdictCode::kBadTable, fmt::format("table: no {} table: {}", name, answer.error().message),
                  "report this to the plugin's author");
  if (version != kVersion)
    return refuse(VerdictCode::kBadTable,
                  fmt::format("table: asked for {} table version {}, got {}", name, kVersion, version),
                  "report this to the plugin's author");
  return table;
}

// Asks for one table and completes it.
template <typename Table>
Checked<Table> fetch(const rlx_plugin_v1& plugin, uint32_t interface, std::string_view name,
                     Checked<Table> (*complete)(const void*)) {
  return query_interface(plugin, interface, name).and_then(complete);
}

Checked<std::unique_ptr<OpenedPlugin>> open_new(const std::string& path, uint32_t kind_bits) {
  auto opened = std::make_unique<OpenedPlugin>();
  opened->path = path;
  const auto fail = [](auto&& failed) { return tl::unexpected<Refusal>(std::move(failed).error()); };

  auto plugin = open_library(path).and_then(call_entry).and_then(complete_plugin_table);
  if (!plugin) return fail(std::move(plugin));
  opened->plugin = *plugin;

  if (kind_bits & RLX_KIND_DEVICE) {
    auto device = fetch(*plugin, RLX_IFACE_DEVICE, "device", complete_device_table);
    if (!device) return fail(std::move(device));
    auto executable = fetch(*plugin, RLX_IFACE_EXECUTABLE, "executable", complete_executable_table);
    if (!executable) return fail(std::move(executable));
    auto arena = fetch(*plugin, RLX_IFACE_ARENA, "arena", complete_arena_table);
    if (!arena) return fail(std::move(arena));
    opened->device = OpenedPlugin::DeviceTables{*device, *executable, *arena};
  }
  if (kind_bits & RLX_KIND_TRANSPORT) {
    auto transport = fetch(*plugin, RLX_IFACE_TRANSPORT, "transport", complete_transport_table);
    if (!transport) return fail(std::move(transport));
    opened->transport = *transport;
  }
  return opened;
}

}  // namespace

Checked<const OpenedPlugin*> open_plugin(const std::string& real_path, uint32_t kind_bits) {
  // Never destroyed: devices of opened plugins may be in use while the process's static objects go.
  static auto& mutex = *new std::mutex;
  static auto& opened = *new std::map<std::string, std::unique_ptr<OpenedPlugin>>;
  const std::lock_guard lock(mutex);
  if (const auto found = opened.find(real_path); found != opened.end()) return found->second.get();
  Checked<std::unique_ptr<OpenedPlugin>> fresh = open_new(real_path, kind_bits);
  if (!fresh) return tl::unexpected<Refusal>(std::move(fresh).error());
  return (opened[real_path] = std::move(*fresh)).get();
}

}  // namespace rlx::plugin
