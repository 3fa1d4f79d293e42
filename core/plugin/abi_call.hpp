// Calls through a plugin's tables. A plugin must not throw, but a C++ plugin that does must not take the host down:
// what escapes becomes an INTERNAL error that names the function. Tables come from DeviceImpl (plugin/device.hpp) and
// have no NULL slots, so nothing is checked here.
#pragma once

#include "plugin/status.hpp"

#include <exception>
#include <string>
#include <string_view>

namespace rlx::plugin {

inline tl::unexpected<Error> escaped_exception(std::string_view function, std::string_view what) {
  return error(Code::kInternal, "exception in " + std::string(function) + ": " + std::string(what),
               "report this to the plugin's author");
}

// call("run", device.executable_table.run, context)
template <typename... Params, typename... Args>
Status call(std::string_view function, rlx_status* (*slot)(Params...), Args... args) {
  rlx_status* status = nullptr;
  try {
    status = slot(args...);
  } catch (const std::exception& e) {
    return escaped_exception(function, e.what());
  } catch (...) {
    return escaped_exception(function, "of unknown type");
  }
  return status ? to_status(status) : Status();
}

// For slots that return nothing (release): an exception is dropped, there is nobody to tell.
template <typename... Params, typename... Args>
void call_quietly(void (*slot)(Params...), Args... args) noexcept {
  try {
    slot(args...);
  } catch (...) {
  }
}

}  // namespace rlx::plugin
