// The plugin under test, opened with the test host.
#pragma once

#include "plugins/host/test_host.hpp"

#include <stdexcept>
#include <string>

namespace tests {

// A status that came back, as an exception.
struct Failure : std::runtime_error {
  Failure(rlx_code c, const std::string& message) : std::runtime_error(message), code(c) {}
  rlx_code code;
};
// Throws Failure unless status is NULL; releases it.
void check(rlx_status* status);

// The tables of the plugin that RLX_TEST_PLUGIN names, opened once and never closed.
struct Plugin {
  const rlx_plugin_v1* entry;
  const rlx_device_table_v1* device_table;
  const rlx_arena_table_v1* arena;
  const rlx_executable_table_v1* executable;
  rlx_device* device;
};
const Plugin& plugin();
// The entry itself, for tests of the version check.
rlx_plugin_entry_fn plugin_entry();

}  // namespace tests
