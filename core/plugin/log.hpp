// The library's log: silent unless RLX_DEBUG asks for it, and then on stderr. Threads: any.
#pragma once

#include <rlx/plugin.h>

#include <string>
#include <string_view>

namespace rlx::plugin {

enum class LogLevel : uint32_t {
  kError = RLX_LOG_ERROR,
  kWarn = RLX_LOG_WARN,
  kInfo = RLX_LOG_INFO,
  kDebug = RLX_LOG_DEBUG,
};

// What RLX_DEBUG says: "info", "debug:loader,cpu". Levels up to `level` from all tags or from those listed.
class LogFilter {
 public:
  explicit LogFilter(std::string_view setting);  // anything unknown: silent
  bool passes(LogLevel level, std::string_view tag) const;

 private:
  uint32_t level_ = 0;
  std::string tags_;  // ",loader,cpu,", or empty for all
};

// tag: "loader", or a plugin's id.
void log(LogLevel level, std::string_view tag, std::string_view text) noexcept;

}  // namespace rlx::plugin
