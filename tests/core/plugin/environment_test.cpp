// The list of environment variables.
#include "plugin/environment.hpp"

#include "catch.hpp"
#include "scratch_dir.hpp"

#include <rlx/registry.hpp>

#include <set>

using namespace rlx;

TEST_CASE("every variable is listed once, with a meaning and its value", "[environment]") {
  const tests::ScopedEnvironment set("RLX_DEVICE", "cpu");
  const tests::ScopedEnvironment empty("RLX_PLUGINS", "");
  std::set<std::string_view> names;
  for (const EnvironmentVariable& v : environment_variables()) {
    CHECK(names.insert(v.name).second);
    CHECK_FALSE(v.meaning.empty());
    if (v.name == "RLX_DEVICE") CHECK(v.value == "cpu");
    if (v.name == "RLX_PLUGINS") CHECK_FALSE(v.value);
  }
  CHECK(names.count("RLX_DEVICE") == 1);
  CHECK(names.count("RLX_PLUGIN_PATH") == 1);
}
