#include "shader.hpp"

#include <array>

namespace rlx::vulkan {

namespace {

#include "shaders/spirv.inc"

struct Entry {
  std::span<const uint32_t> code;
  const char* name;
};

constexpr Entry kEntries[] = {
#define RLX_VULKAN_SHADER(name) {spirv_##name, "vulkan:" #name},
#include "shaders/shaders.inc"
#undef RLX_VULKAN_SHADER
};

}  // namespace

std::span<const uint32_t> spirv_of(Shader shader) {
  return kEntries[static_cast<uint32_t>(shader)].code;
}

const char* name_of(Shader shader) {
  return kEntries[static_cast<uint32_t>(shader)].name;
}

}  // namespace rlx::vulkan
