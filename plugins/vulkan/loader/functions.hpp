// The tables of Vulkan's functions. Device functions are looked up per device: no dispatch through the loader on the
// way.
#pragma once

#include "loader/cooperative_matrix.hpp"

namespace rlx::vulkan {

struct InstanceFunctions {
#define RLX_VK_GLOBAL(name)
#define RLX_VK_INSTANCE(name) PFN_##name name = nullptr;
#define RLX_VK_OPTIONAL(name) PFN_##name name = nullptr;
#define RLX_VK_DEVICE(name)
#include "functions.inc"
#undef RLX_VK_GLOBAL
#undef RLX_VK_INSTANCE
#undef RLX_VK_OPTIONAL
#undef RLX_VK_DEVICE
};

struct DeviceFunctions {
#define RLX_VK_GLOBAL(name)
#define RLX_VK_INSTANCE(name)
#define RLX_VK_OPTIONAL(name)
#define RLX_VK_DEVICE(name) PFN_##name name = nullptr;
#include "functions.inc"
#undef RLX_VK_GLOBAL
#undef RLX_VK_INSTANCE
#undef RLX_VK_OPTIONAL
#undef RLX_VK_DEVICE

  // Throws DRIVER_MISMATCH naming a function that the driver should have.
  void load(const InstanceFunctions& instance, VkDevice device);
};

}  // namespace rlx::vulkan
