// What RLX_DEBUG lets through.
#include "plugin/log.hpp"

#include "catch.hpp"

using namespace rlx::plugin;

TEST_CASE("the log is silent unless asked", "[log]") {
  for (const char* setting : {"", "on", "1", ":loader"}) {
    INFO(setting);
    CHECK_FALSE(LogFilter(setting).passes(LogLevel::kError, "loader"));
  }
}

TEST_CASE("the log passes levels up to the one asked for", "[log]") {
  const LogFilter info("info");
  CHECK(info.passes(LogLevel::kError, "loader"));
  CHECK(info.passes(LogLevel::kInfo, "cpu"));
  CHECK_FALSE(info.passes(LogLevel::kDebug, "cpu"));
}

TEST_CASE("the log passes the tags asked for", "[log]") {
  const LogFilter filter("debug:loader,cpu");
  CHECK(filter.passes(LogLevel::kDebug, "cpu"));
  CHECK(filter.passes(LogLevel::kDebug, "loader"));
  CHECK_FALSE(filter.passes(LogLevel::kError, "cuda"));
  CHECK_FALSE(filter.passes(LogLevel::kError, "load"));
}
