// What opening a plugin costs a process: the library and its table, then its devices. RLX_TEST_PLUGIN names the plugin;
// one line of JSON with milliseconds, the number of devices and the code of what enumerate says.
#include "plugin/said.hpp"
#include "plugins/host/opened_plugin.hpp"

#include <chrono>
#include <cstdio>

int main() {
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const auto milliseconds = [&] { return std::chrono::duration<double, std::milli>(Clock::now() - begin).count(); };
  rlx_status* why = nullptr;
  const rlx_plugin_v1* entry =
      tests::plugin_entry()(&tests::test_host(), RLX_ABI_MINOR, RLX_ABI_OLDEST_PLUGIN_MINOR, &why);
  const void* table = nullptr;
  uint32_t version = 0, count = 0;
  if (!entry || entry->query_interface(RLX_IFACE_DEVICE, 1, &table, &version)) return 1;
  const double loaded = milliseconds();
  const tests::Said said(static_cast<const rlx_device_table_v1*>(table)->enumerate(0, nullptr, &count));
  std::printf("{\"load_ms\": %.3f, \"enumerate_ms\": %.3f, \"devices\": %u, \"code\": %u}\n", loaded,
              milliseconds() - loaded, count, said.code);
  return 0;
}
