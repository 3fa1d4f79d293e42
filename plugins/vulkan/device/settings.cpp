#include "settings.hpp"

#include <cstdlib>
#include <cstring>

namespace rlx::vulkan {

Settings Settings::read() {
  Settings s;
  if (const char* text = secure_getenv("RLX_VULKAN_STAGING")) s.staging = !std::strcmp(text, "1");
  if (const char* text = secure_getenv("RLX_VULKAN_MEMORY_LIMIT"))
    s.memory_limit_bytes = std::strtoull(text, nullptr, 10);
  if (const char* text = secure_getenv("RLX_VULKAN_COOPERATIVE")) {
    if (!std::strcmp(text, "off")) s.cooperative = Cooperative::kOff;
    if (!std::strcmp(text, "emulated")) s.cooperative = Cooperative::kEmulated;
  }
  return s;
}

}  // namespace rlx::vulkan
