// The one list of environment variables and the one place that reads them.
#include "plugin/environment.hpp"

#include <rlx/registry.hpp>

#include <sys/auxv.h>
#include <cstdlib>

namespace rlx {

namespace plugin {

namespace {

struct Entry {
  Variable variable;
  const char* name;
  const char* meaning;
};

constexpr Entry kEntries[] = {
    {Variable::kPluginPath, "RLX_PLUGIN_PATH",
     "colon-separated plugin files and directories, searched instead of the user's and the system's"},
    {Variable::kPluginPathPrepend, "RLX_PLUGIN_PATH_PREPEND", "the same, searched before everything else"},
    {Variable::kPlugins, "RLX_PLUGINS", "plugins to use, \"cpu,cuda\", or not to use, \"^vulkan\""},
    {Variable::kDevice, "RLX_DEVICE", "the device to use when a program names none: \"cuda:0\", \"cuda,cpu\""},
    {Variable::kDebug, "RLX_DEBUG",
     "log to stderr: error, warn, info or debug, and optionally for whom: \"debug:loader,cpu\""},
    {Variable::kCacheDir, "RLX_CACHE_DIR", "where plugins keep compiled kernels; \"off\" allows none"},
    {Variable::kTransport, "RLX_TRANSPORT", "how ranks reach each other: local, shm or mpi; rlx-launch sets it"},
    {Variable::kRank, "RLX_RANK", "which of the ranks this process is, from 0; rlx-launch sets it"},
    {Variable::kWorldSize, "RLX_WORLD_SIZE", "how many ranks there are; rlx-launch sets it"},
    {Variable::kGroup, "RLX_GROUP", "the name under which the ranks find each other; rlx-launch sets it"},
    {Variable::kMpiRank, "OMPI_COMM_WORLD_RANK", "stands in for RLX_RANK; Open MPI's mpirun sets it"},
    {Variable::kMpiWorldSize, "OMPI_COMM_WORLD_SIZE", "stands in for RLX_WORLD_SIZE; Open MPI's mpirun sets it"},
    {Variable::kXdgDataHome, "XDG_DATA_HOME", "its rlx/plugins/0 holds the user's plugins (default ~/.local/share)"},
    {Variable::kXdgCacheHome, "XDG_CACHE_HOME", "its rlx is the cache when RLX_CACHE_DIR is unset (default ~/.cache)"},
    {Variable::kHome, "HOME", "stands in for unset XDG directories"},
};

}  // namespace

std::optional<std::string> read_environment(Variable variable) {
  for (const Entry& entry : kEntries) {
    if (entry.variable != variable) continue;
    const char* value = ::secure_getenv(entry.name);
    if (value && *value) return std::string(value);
  }
  return std::nullopt;
}

bool has_raised_privileges() {
  return ::getauxval(AT_SECURE) != 0;
}

}  // namespace plugin

std::vector<EnvironmentVariable> environment_variables() {
  std::vector<EnvironmentVariable> all;
  for (const plugin::Entry& entry : plugin::kEntries)
    all.push_back({entry.name, entry.meaning, plugin::read_environment(entry.variable)});
  return all;
}

}  // namespace rlx
