// The small matrices that a device's subgroups multiply in one instruction (VK_KHR_cooperative_matrix).
#pragma once

#include "loader/cooperative_matrix.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace rlx::vulkan {

class PhysicalDevice;

// m × n results are sums of k products each.
struct MatrixShape {
  uint32_t m, n, k;
  bool operator==(const MatrixShape&) const = default;
};

struct MatrixUnits {
  std::vector<MatrixShape> shapes;  // of f16 operands that are added up in f32; none: no units
  uint32_t lanes = 0;               // threads of a subgroup, which pipelines that use the units ask for
  bool emulated = false;            // loops of the same shapes, on a device without units
  uint32_t shared_bytes = 0;        // shared memory of a workgroup

  // "cooperative_matrix16x16x16", "" without units.
  std::string text() const;
};

// What of a driver's list the shaders can use, the largest first.
std::vector<MatrixShape> usable_shapes(std::span<const VkCooperativeMatrixPropertiesKHR> list);

// None where the device lacks the extension or a feature that it needs, or where RLX_VULKAN_COOPERATIVE says so.
MatrixUnits find_matrix_units(const PhysicalDevice& device);

}  // namespace rlx::vulkan
