// The environment variables that librlx honours. All of them go through here, so that the list is complete and a
// set-uid program ignores them all. Threads: any, as long as nobody calls setenv at the same time.
#pragma once

#include <optional>
#include <string>

namespace rlx::plugin {

enum class Variable {
  kPluginPath,
  kPluginPathPrepend,
  kPlugins,
  kDevice,
  kDebug,
  kCacheDir,
  kTransport,
  kRank,
  kWorldSize,
  kGroup,
  kMpiRank,
  kMpiWorldSize,
  kXdgDataHome,
  kXdgCacheHome,
  kHome,
};

// The value in force: nullopt when unset, empty, or when the process runs with raised privileges.
std::optional<std::string> read_environment(Variable variable);

// True in set-uid, set-gid and file-capability programs.
bool has_raised_privileges();

}  // namespace rlx::plugin
