// An elementwise node, or a fused region of them, as a program for codegen/link.hpp.
#pragma once

#include "codegen/region.hpp"
#include "kernels/plan.hpp"

namespace rlx::vulkan {

// Refuses through the plan what the library has no function for.
Region region_of(const Plan& plan);

}  // namespace rlx::vulkan
