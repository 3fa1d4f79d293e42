#include "settings.hpp"

#include <cstdlib>
#include <cstring>

namespace rlx::vulkan {

Settings Settings::read() {
  Settings s;
  if (const char* text = secure_getenv("RLX_VULKAN_STAGING")) s.staging = !std::strcmp(text, "1");
  if (const char* text = secure_getenv("RLX_VULKAN_MEMORY_LIMIT"))
    s.memory_limit_bytes = std::strtoull(text, nullptr, 10);
  return s;
}

}  // namespace rlx::vulkan
