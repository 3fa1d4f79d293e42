// Two-number negotiation; negotiate.hpp has the rule.
#include "plugin/negotiate.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace rlx::plugin {

Checked<uint32_t> negotiate(const rlx_note_v1& note, const HostVersion& host) {
  if (note.abi_major != host.major)
    return refuse(VerdictCode::kMajorMismatch,
                  fmt::format("abi: plugin has major {}, this host has major {}", note.abi_major, host.major),
                  fmt::format("install a build of the plugin for ABI {}", host.major));
  if (note.abi_minor_min_host > host.minor)
    return refuse(VerdictCode::kHostTooOld,
                  fmt::format("abi: plugin needs a host of minor {} or newer, this host has {}.{}",
                              note.abi_minor_min_host, host.major, host.minor),
                  "upgrade librlx or install an older plugin");
  if (note.abi_minor_built < host.oldest_plugin_minor)
    return refuse(VerdictCode::kPluginTooOld,
                  fmt::format("abi: plugin was built for {}.{}, this host serves {}.{} and newer", note.abi_major,
                              note.abi_minor_built, host.major, host.oldest_plugin_minor),
                  "upgrade the plugin");
  return std::min(note.abi_minor_built, host.minor);
}

}  // namespace rlx::plugin
