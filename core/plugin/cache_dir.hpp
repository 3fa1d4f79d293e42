// The directory where plugins keep compiled kernels.
#pragma once

#include <rlx/status.hpp>

#include <optional>
#include <string>

namespace rlx::plugin {

struct CacheSettings {
  std::optional<std::string> cache_dir;   // RLX_CACHE_DIR; "off" allows none
  std::optional<std::string> cache_home;  // XDG_CACHE_HOME
  std::optional<std::string> home;        // HOME
};

// Creates the directory with mode 0700. NOT_FOUND when none is allowed or possible, or when the one that exists could
// be written by others: code is loaded from it.
Result<std::string> make_cache_dir(const CacheSettings& settings);

// The same for this process's environment, decided once.
const Result<std::string>& process_cache_dir();

}  // namespace rlx::plugin
