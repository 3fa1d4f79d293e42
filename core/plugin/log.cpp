// The only file that includes spdlog.
#include "plugin/log.hpp"

#include "plugin/environment.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace rlx::plugin {

namespace {

struct LevelName {
  LogLevel level;
  const char* name;
  spdlog::level::level_enum spdlog_level;
};
constexpr LevelName kLevels[] = {
    {LogLevel::kError, "error", spdlog::level::err},
    {LogLevel::kWarn, "warn", spdlog::level::warn},
    {LogLevel::kInfo, "info", spdlog::level::info},
    {LogLevel::kDebug, "debug", spdlog::level::debug},
};

// A logger of our own, not in spdlog's registry: the application may use spdlog, too.
spdlog::logger& logger() {
  static auto& instance = *[] {
    auto* made = new spdlog::logger("rlx", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%H:%M:%S.%e rlx %l %v");
    made->set_level(spdlog::level::debug);
    return made;
  }();
  return instance;
}

}  // namespace

LogFilter::LogFilter(std::string_view setting) {
  const size_t colon = setting.find(':');
  for (const LevelName& known : kLevels)
    if (setting.substr(0, colon) == known.name) level_ = static_cast<uint32_t>(known.level);
  if (colon != std::string_view::npos) tags_ = "," + std::string(setting.substr(colon + 1)) + ",";
}

bool LogFilter::passes(LogLevel level, std::string_view tag) const {
  if (static_cast<uint32_t>(level) > level_) return false;
  return tags_.empty() || tags_.find("," + std::string(tag) + ",") != std::string::npos;
}

void log(LogLevel level, std::string_view tag, std::string_view text) noexcept try {
  static const LogFilter filter(read_environment(Variable::kDebug).value_or(""));
  if (!filter.passes(level, tag)) return;
  for (const LevelName& known : kLevels)
    if (known.level == level) logger().log(known.spdlog_level, "{}: {}", tag, text);
} catch (...) {
  // A log line is never worth a failure.
}

}  // namespace rlx::plugin
