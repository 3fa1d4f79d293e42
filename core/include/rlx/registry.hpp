// Finding plugins and devices. Every file that was looked at keeps a verdict with the chain of checks that led to it; a
// plugin that fails never hides the others and never fails enumeration. Threads: any. Plugins are opened at most once
// per process and never closed.
#pragma once

#include <rlx/status.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct rlx_transport_table_v1;

namespace rlx {

enum class VerdictCode {
  kLoaded,      // opened and asked; its devices are listed
  kDenied,      // not selected by RLX_PLUGINS or the options
  kNotAPlugin,  // not an ELF shared object, or without an RLX note
  kTruncated,   // an ELF file that ends early or contradicts itself
  kWrongArch,   // ELF class, byte order or machine of another host
  kBadNote,     // a note this host cannot read
  kMajorMismatch,
  kHostTooOld,    // the plugin wants a newer host
  kPluginTooOld,  // this host no longer serves that minor
  kWrongSanitizer,
  kIsaMissing,  // the CPU, or the OS, lacks something that the plugin requires
  kHiddenBy,    // another file with the same id and a higher version wins
  kOpenFailed,  // dlopen: missing library, undefined symbol
  kNoEntry,
  kRefused,      // the plugin's entry returned an error
  kBadTable,     // mandatory slot NULL, table too short
  kInitFailed,   // enumerating devices failed: driver missing, too old, ...
  kPermission,   // reserved for the permission walk
  kQuarantined,  // reserved for the child-process probe
};

// "loaded", "not_a_plugin", ... : stable names for JSON and scripts.
RLX_API std::string_view name_of(VerdictCode code);

struct Verdict {
  std::string path;
  std::string id;       // from the note, or from the file name before it is read
  std::string version;  // of the plugin; empty until the note is read
  std::string vendor;
  uint32_t abi_major = 0, abi_minor_built = 0, abi_minor_min_host = 0;
  uint32_t negotiated_minor = 0;
  VerdictCode code = VerdictCode::kNotAPlugin;
  std::string reason;              // one line
  std::string remedy;              // what the user can do; may be empty
  std::vector<std::string> chain;  // each check in order: "note: id cpu, version 0.1.0, abi 0.1"
  uint32_t device_count = 0;
};

enum class DeviceKind : uint32_t { kCpu = 1, kGpuDiscrete = 2, kGpuIntegrated = 3, kGpuVirtual = 4, kAccelerator = 5 };
RLX_API std::string_view name_of(DeviceKind kind);

// A snapshot; Device::refresh() reads free and budget anew. Bytes.
struct DeviceInfo {
  std::string id;      // "cpu:0": plugin id and position in the stable order
  std::string plugin;  // "cpu"
  DeviceKind kind = DeviceKind::kCpu;
  bool software = false;       // never chosen unless asked for by name
  bool host_pointers = false;  // I/O without copies
  uint32_t score = 0;
  uint32_t compute_units = 0;
  int numa_node = -1;
  uint64_t memory_total = 0, memory_free = 0, memory_budget = 0;
  std::string uuid;  // 32 hex digits, or empty
  std::string pci;   // "0000:01:00.0", or empty
  std::string name, arch, driver, features;
};

struct DeviceImpl;

// A cheap handle; keeps its registry alive.
class Device {
 public:
  Device() = default;
  explicit Device(std::shared_ptr<const DeviceImpl> impl) : impl_(std::move(impl)) {}
  RLX_API const DeviceInfo& info() const;
  const std::string& id() const { return info().id; }
  RLX_API Result<DeviceInfo> refresh() const;
  explicit operator bool() const { return impl_ != nullptr; }
  const std::shared_ptr<const DeviceImpl>& impl() const { return impl_; }

 private:
  std::shared_ptr<const DeviceImpl> impl_;
};

// What a plugin offers to rlx::Transport; the table lives until the process ends.
struct PluginTransport {
  std::string name;  // the plugin's id
  const rlx_transport_table_v1* table;
};

struct RegistryOptions {
  // Plugin files or directories, searched first, in this order.
  std::vector<std::string> plugin_paths;
  // RLX_PLUGIN_PATH and the system directories (docs/plugins.md has the order).
  bool search_defaults = true;
  // "cpu,cuda" or "^vulkan"; empty = RLX_PLUGINS, and all when that is unset.
  std::string select;
};

class Registry {
 public:
  // Looks at every candidate. Never fails because of a plugin; only for bad options.
  RLX_API static Result<std::shared_ptr<Registry>> create(const RegistryOptions& options = {});
  RLX_API ~Registry();

  // In stable order: by plugin id, then UUID, PCI address, position.
  RLX_API const std::vector<Device>& devices() const;
  // By plugin id; those built in are not among them (rlx/transport.hpp).
  RLX_API const std::vector<PluginTransport>& transports() const;
  RLX_API const std::vector<Verdict>& verdicts() const;
  // "cpu", "cpu:0", "cuda:uuid=...", "pci:0000:01:00.0", or a list "cuda,cpu": the first that exists. Empty:
  // RLX_DEVICE, and if that is unset the best score among devices that are not software. NOT_FOUND says which devices
  // exist and why the wanted plugin was refused; there is no fallback that was not listed.
  RLX_API Result<Device> find(std::string_view expression) const;

 private:
  Registry();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

struct EnvironmentVariable {
  std::string_view name, meaning;
  std::optional<std::string> value;  // in force; nullopt when unset, empty, or ignored in a set-uid program
};
// Every variable that librlx reads.
RLX_API std::vector<EnvironmentVariable> environment_variables();

}  // namespace rlx
