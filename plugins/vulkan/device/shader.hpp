// The shaders, compiled from GLSL when the plugin was built.
#pragma once

#include <cstdint>
#include <span>

namespace rlx::vulkan {

enum class Shader : uint32_t {
#define RLX_VULKAN_SHADER(name) k_##name,
#include "shaders/shaders.inc"
#undef RLX_VULKAN_SHADER
};

// Empty where the compiler of the build did not know what the shader needs.
std::span<const uint32_t> spirv_of(Shader shader);
// "vulkan:matmul"
const char* name_of(Shader shader);

}  // namespace rlx::vulkan
