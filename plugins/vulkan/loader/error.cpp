#include "error.hpp"

namespace rlx::vulkan {

const char* name_of(VkResult result) {
  switch (result) {
    case VK_TIMEOUT:
      return "VK_TIMEOUT";
    case VK_ERROR_OUT_OF_HOST_MEMORY:
      return "VK_ERROR_OUT_OF_HOST_MEMORY";
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
      return "VK_ERROR_OUT_OF_DEVICE_MEMORY";
    case VK_ERROR_INITIALIZATION_FAILED:
      return "VK_ERROR_INITIALIZATION_FAILED";
    case VK_ERROR_DEVICE_LOST:
      return "VK_ERROR_DEVICE_LOST";
    case VK_ERROR_MEMORY_MAP_FAILED:
      return "VK_ERROR_MEMORY_MAP_FAILED";
    case VK_ERROR_EXTENSION_NOT_PRESENT:
      return "VK_ERROR_EXTENSION_NOT_PRESENT";
    case VK_ERROR_FEATURE_NOT_PRESENT:
      return "VK_ERROR_FEATURE_NOT_PRESENT";
    case VK_ERROR_INCOMPATIBLE_DRIVER:
      return "VK_ERROR_INCOMPATIBLE_DRIVER";
    case VK_ERROR_TOO_MANY_OBJECTS:
      return "VK_ERROR_TOO_MANY_OBJECTS";
    case VK_ERROR_INVALID_SHADER_NV:
      return "VK_ERROR_INVALID_SHADER_NV";
    default:
      return "VkResult";
  }
}

namespace {

rlx_code code_of(VkResult result) {
  switch (result) {
    case VK_TIMEOUT:
      return RLX_DEADLINE_EXCEEDED;
    case VK_ERROR_OUT_OF_HOST_MEMORY:
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    case VK_ERROR_TOO_MANY_OBJECTS:
    case VK_ERROR_MEMORY_MAP_FAILED:
      return RLX_RESOURCE_EXHAUSTED;
    case VK_ERROR_DEVICE_LOST:
      return RLX_DEVICE_LOST;
    case VK_ERROR_INITIALIZATION_FAILED:
      return RLX_UNAVAILABLE;
    case VK_ERROR_INCOMPATIBLE_DRIVER:
      return RLX_DRIVER_MISSING;
    case VK_ERROR_EXTENSION_NOT_PRESENT:
    case VK_ERROR_FEATURE_NOT_PRESENT:
      return RLX_DRIVER_MISMATCH;
    default:
      return RLX_INTERNAL;
  }
}

}  // namespace

sdk::Error error_of(VkResult result, const std::string& what) {
  const rlx_code code = code_of(result);
  const bool lost = code == RLX_DEVICE_LOST;
  sdk::Error error(code, what + ": " + name_of(result) + " (" + std::to_string(result) + ")",
                   lost ? "release what was made on the device and compile again; the kernel log may say why" : "",
                   result, "vulkan");
  if (lost) error.flags = RLX_STATUS_STICKY | RLX_STATUS_DEVICE_LOST;
  return error;
}

}  // namespace rlx::vulkan
