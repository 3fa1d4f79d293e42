// A shader for an elementwise program: the frame of elementwise.comp, the functions that the program calls, and a body
// for `region` that calls them in order.
#pragma once

#include "codegen/library.hpp"
#include "codegen/region.hpp"

namespace rlx::vulkan {

// SPIR-V for vkCreateShaderModule. The same words for the same program. Threads: any.
std::vector<uint32_t> link(const Library& library, const Region& region);

}  // namespace rlx::vulkan
