#include "matrix_units.hpp"

#include "device/physical.hpp"
#include "device/settings.hpp"
#include "shaders/interface.h"

#include <algorithm>

namespace rlx::vulkan {

namespace {

bool has_features(const PhysicalDevice& device) {
  Features features;
  features.ask_for_matrix_units();
  device.instance().functions().vkGetPhysicalDeviceFeatures2(device.handle(), &features.core);
  return features.have_matrix_units();
}

// The size of a subgroup that pipelines can insist on; 0 where there is none, or where a workgroup of so many is too
// large.
uint32_t subgroup_lanes(const PhysicalDevice& device) {
  VkPhysicalDeviceSubgroupProperties subgroup{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES};
  VkPhysicalDeviceSubgroupSizeControlPropertiesEXT control{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES_EXT, &subgroup};
  VkPhysicalDeviceCooperativeMatrixPropertiesKHR matrices{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_PROPERTIES_KHR, &control};
  VkPhysicalDeviceProperties2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2, &matrices};
  device.instance().functions().vkGetPhysicalDeviceProperties2(device.handle(), &all);
  const uint32_t lanes = subgroup.subgroupSize, subgroups = RLX_SUBGROUPS_SQUARE * RLX_SUBGROUPS_SQUARE;
  const VkPhysicalDeviceLimits& limits = all.properties.limits;
  const bool good =
      (matrices.cooperativeMatrixSupportedStages & VK_SHADER_STAGE_COMPUTE_BIT) &&
      (control.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) && lanes >= control.minSubgroupSize &&
      lanes <= control.maxSubgroupSize && subgroups <= control.maxComputeWorkgroupSubgroups &&
      lanes * subgroups <= std::min(limits.maxComputeWorkGroupInvocations, limits.maxComputeWorkGroupSize[0]);
  return good ? lanes : 0;
}

std::vector<VkCooperativeMatrixPropertiesKHR> list_of(const PhysicalDevice& device) {
  const auto get = device.instance().functions().vkGetPhysicalDeviceCooperativeMatrixPropertiesKHR;
  uint32_t count = 0;
  if (!get || get(device.handle(), &count, nullptr) != VK_SUCCESS) return {};
  std::vector<VkCooperativeMatrixPropertiesKHR> list(count, {VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR});
  if (get(device.handle(), &count, list.data()) < 0) return {};
  list.resize(count);
  return list;
}

MatrixUnits emulated_units(const PhysicalDevice& device) {
  Features features;
  device.instance().functions().vkGetPhysicalDeviceFeatures2(device.handle(), &features.core);
  if (!features.v12.shaderFloat16) return {};
  // Three different sizes, so that none can stand for another unnoticed; at most 4 elements of a sum for each thread.
  return {{{16, 8, 32}}, 32, true, device.limits().maxComputeSharedMemorySize};
}

}  // namespace

std::string MatrixUnits::text() const {
  if (shapes.empty()) return "";
  const MatrixShape& s = shapes.front();
  return std::string(emulated ? "emulated" : "cooperative") + "_matrix" + std::to_string(s.m) + "x" +
         std::to_string(s.n) + "x" + std::to_string(s.k);
}

std::vector<MatrixShape> usable_shapes(std::span<const VkCooperativeMatrixPropertiesKHR> list) {
  std::vector<MatrixShape> shapes;
  for (const VkCooperativeMatrixPropertiesKHR& p : list) {
    const bool halves = p.AType == VK_COMPONENT_TYPE_FLOAT16_KHR && p.BType == VK_COMPONENT_TYPE_FLOAT16_KHR;
    const bool floats = p.CType == VK_COMPONENT_TYPE_FLOAT32_KHR && p.ResultType == VK_COMPONENT_TYPE_FLOAT32_KHR;
    // Rows of a fragment in shared memory have to begin at multiples of 16 bytes.
    const bool aligned = p.MSize > 0 && p.NSize > 0 && p.KSize > 0 && p.NSize % 8 == 0 && p.KSize % 8 == 0;
    if (halves && floats && aligned && !p.saturatingAccumulation && p.scope == VK_SCOPE_SUBGROUP_KHR)
      shapes.push_back({p.MSize, p.NSize, p.KSize});
  }
  const auto products = [](const MatrixShape& s) { return uint64_t{s.m} * s.n * s.k; };
  std::stable_sort(shapes.begin(), shapes.end(),
                   [&](const MatrixShape& a, const MatrixShape& b) { return products(a) > products(b); });
  return shapes;
}

MatrixUnits find_matrix_units(const PhysicalDevice& device) {
  const Cooperative wish = Settings::read().cooperative;
  if (wish == Cooperative::kEmulated) return emulated_units(device);
  if (wish == Cooperative::kOff || !device.has_extension(VK_KHR_COOPERATIVE_MATRIX_EXTENSION_NAME) ||
      !device.has_extension(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME) || !has_features(device))
    return {};
  const uint32_t lanes = subgroup_lanes(device);
  if (lanes == 0) return {};
  return {usable_shapes(list_of(device)), lanes, false, device.limits().maxComputeSharedMemorySize};
}

}  // namespace rlx::vulkan
