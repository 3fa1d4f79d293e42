// What the environment may change, for tests and for finding faults. Ignored in setuid programs.
#pragma once

#include <cstdint>

namespace rlx::vulkan {

enum class Cooperative { kAuto, kOff, kEmulated };

struct Settings {
  // RLX_VULKAN_STAGING=1: device memory is never mapped, as on a GPU without resizable BAR.
  bool staging = false;
  // RLX_VULKAN_MEMORY_LIMIT=BYTES: allocations of a device beyond this fail. 0 = the size of its heap.
  uint64_t memory_limit_bytes = 0;

  // RLX_VULKAN_COOPERATIVE=off: cooperative matrices are not used. =emulated: loops take their place, so that a device
  // without them tests everything around them.
  Cooperative cooperative = Cooperative::kAuto;

  static Settings read();
};

}  // namespace rlx::vulkan
