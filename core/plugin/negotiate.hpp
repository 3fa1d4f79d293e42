// Which ABI minor host and plugin speak. Each side has two numbers: the plugin the minor it was built for and the
// lowest host minor it accepts; the host its own minor and the oldest plugin minor it serves. No equality tests.
#pragma once

#include "plugin/verdict.hpp"

#include <rlx/plugin.h>

namespace rlx::plugin {

struct HostVersion {
  uint32_t major = RLX_ABI_MAJOR;
  uint32_t minor = RLX_ABI_MINOR;
  uint32_t oldest_plugin_minor = RLX_ABI_OLDEST_PLUGIN_MINOR;
};

// The smaller of both minors; or kMajorMismatch, kHostTooOld, kPluginTooOld with all the numbers in the reason.
Checked<uint32_t> negotiate(const rlx_note_v1& note, const HostVersion& host = {});

}  // namespace rlx::plugin
