// Looks at every candidate file, opens what passes, and finds devices by name. What went wrong with one plugin stays
// in its verdict; it never becomes the failure of another or of the registry.
#include "plugin/device_query.hpp"
#include "plugin/duplicates.hpp"
#include "plugin/enumerate.hpp"
#include "plugin/environment.hpp"
#include "plugin/log.hpp"

#include <rlx/guard.hpp>
#include <rlx/registry.hpp>

#include <fmt/format.h>
#include <algorithm>

namespace rlx {

struct Registry::Impl {
  std::vector<Device> devices;
  std::vector<PluginTransport> transports;
  std::vector<Verdict> verdicts;
};

namespace plugin {

namespace {

struct Loaded {
  std::vector<Device>& devices;
  std::vector<PluginTransport>& transports;
};

// Opens one file and appends what it has. False: the next file with this id may be tried.
bool load(Examined& file, const Loaded& loaded) {
  Verdict& verdict = file.verdict;
  const Checked<const OpenedPlugin*> opened = open_plugin(file.real_path, file.note.kind_bits);
  if (!opened) {
    record(verdict, opened.error());
    return false;
  }
  record(verdict, "open: entry and tables are in order");
  Checked<Enumerated> found = enumerate_devices(**opened, verdict.id);
  if (!found) {
    record(verdict, found.error());
    return false;
  }
  for (std::string& note : found->notes) record(verdict, std::move(note));
  for (std::shared_ptr<DeviceImpl>& device : found->devices) loaded.devices.emplace_back(std::move(device));
  if ((*opened)->transport) loaded.transports.push_back({verdict.id, &*(*opened)->transport});
  verdict.code = VerdictCode::kLoaded;
  verdict.device_count = static_cast<uint32_t>(found->devices.size());
  verdict.reason = fmt::format("{} device{}{}", verdict.device_count, verdict.device_count == 1 ? "" : "s",
                               (*opened)->transport ? ", a transport" : "");
  record(verdict, "loaded: " + verdict.reason);
  return true;
}

void load_groups(std::vector<Examined>& files, const Loaded& loaded) {
  for (const std::vector<size_t>& group : group_by_id(files)) {
    const Verdict* winner = nullptr;
    for (const size_t index : group) {
      if (winner)
        record(files[index].verdict, hidden_by(*winner));
      else if (load(files[index], loaded))
        winner = &files[index].verdict;
    }
  }
}

void log_verdict(const Verdict& v) {
  const bool loaded = v.code == VerdictCode::kLoaded;
  log(loaded ? LogLevel::kDebug : LogLevel::kInfo, "loader",
      fmt::format("{}: {}: {}", v.path, name_of(v.code), v.reason));
}

std::string list_ids(const std::vector<Device>& devices) {
  std::vector<std::string> ids;
  for (const Device& device : devices) ids.push_back(device.id());
  return ids.empty() ? "none" : fmt::format("{}", fmt::join(ids, ", "));
}

// Why there is no device for a query: what happened to the files of that plugin.
tl::unexpected<Error> not_found(std::string_view expression, const std::vector<DeviceQuery>& queries,
                                const std::vector<Device>& devices, const std::vector<Verdict>& verdicts) {
  std::string message = fmt::format("device '{}' not found; devices that exist: {}", expression, list_ids(devices));
  std::string remedy;
  for (const DeviceQuery& query : queries) {
    if (query.plugin.empty()) continue;
    bool seen = false;
    for (const Verdict& v : verdicts) {
      if (v.id != query.plugin) continue;
      seen = true;
      if (v.code == VerdictCode::kHiddenBy) continue;
      message += fmt::format("; {} ({}): {}: {}", v.id, v.path, name_of(v.code), v.reason);
      if (remedy.empty()) remedy = v.remedy;
    }
    if (seen) continue;
    message += fmt::format("; no file of a plugin '{}' was found", query.plugin);
    // A mistyped directory looks like this, too.
    for (const Verdict& v : verdicts)
      if (v.code == VerdictCode::kNotAPlugin) message += fmt::format("; {}: {}", v.path, v.reason);
  }
  if (remedy.empty()) remedy = "rlx-probe --explain shows each file that was looked at";
  return error(Code::kNotFound, std::move(message), std::move(remedy));
}

tl::unexpected<Error> no_default(const std::vector<Device>& devices, const std::vector<Verdict>& verdicts) {
  if (!devices.empty())
    return error(Code::kNotFound,
                 "no device to choose by itself; software devices have to be asked for by name: " + list_ids(devices));
  std::string message = fmt::format("no device found; plugin files looked at: {}", verdicts.size());
  for (const Verdict& v : verdicts)
    if (v.code != VerdictCode::kLoaded) message += fmt::format("; {} ({}): {}", v.path, name_of(v.code), v.reason);
  return error(Code::kNotFound, std::move(message),
               "install a plugin, or name its directory in RLX_PLUGIN_PATH; rlx-probe --explain tells more");
}

}  // namespace

}  // namespace plugin

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::~Registry() = default;

Result<std::shared_ptr<Registry>> Registry::create(const RegistryOptions& options) try {
  using namespace plugin;
  std::string select = options.select;
  if (select.empty()) select = read_environment(Variable::kPlugins).value_or("");
  RLX_ASSIGN(const Selection selection, Selection::parse(select));

  const HostFacts host = read_host_facts();
  std::vector<Examined> files;
  for (const Candidate& candidate : find_candidates(read_search_settings(options)))
    files.push_back(examine(candidate, selection, host));

  std::shared_ptr<Registry> registry(new Registry);
  load_groups(files, {registry->impl_->devices, registry->impl_->transports});
  for (Examined& file : files) {
    log_verdict(file.verdict);
    registry->impl_->verdicts.push_back(std::move(file.verdict));
  }
  return registry;
} catch (...) {
  return caught_error();
}

const std::vector<Device>& Registry::devices() const {
  return impl_->devices;
}

const std::vector<PluginTransport>& Registry::transports() const {
  return impl_->transports;
}

const std::vector<Verdict>& Registry::verdicts() const {
  return impl_->verdicts;
}

Result<Device> Registry::find(std::string_view expression) const try {
  using namespace plugin;
  std::string wanted(expression);
  if (wanted.empty()) wanted = read_environment(Variable::kDevice).value_or("");
  const std::vector<Device>& devices = impl_->devices;

  if (wanted.empty()) {
    const Device* best = nullptr;
    for (const Device& device : devices)
      if (!device.info().software && (!best || device.info().score > best->info().score)) best = &device;
    if (best) return *best;
    return no_default(devices, impl_->verdicts);
  }

  RLX_ASSIGN(const std::vector<DeviceQuery> queries, parse_device_list(wanted));
  for (const DeviceQuery& query : queries)
    for (const Device& device : devices)
      if (query.matches(device.info())) return device;
  return not_found(wanted, queries, devices, impl_->verdicts);
} catch (...) {
  return caught_error();
}

}  // namespace rlx
