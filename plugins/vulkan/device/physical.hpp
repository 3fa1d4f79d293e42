// A physical device: its facts, whether it can run the plugin's shaders, and where its memory is.
#pragma once

#include "device/matrix_units.hpp"
#include "loader/loader.hpp"

#include <rlx/sdk/error.hpp>

#include <array>
#include <optional>
#include <string>

namespace rlx::vulkan {

struct PciAddress {
  uint32_t domain, bus, device, function;
};

class PhysicalDevice {
 public:
  PhysicalDevice(const Instance& instance, VkPhysicalDevice handle);

  const Instance& instance() const { return *instance_; }
  VkPhysicalDevice handle() const { return handle_; }
  const VkPhysicalDeviceLimits& limits() const { return properties_.limits; }
  const VkPhysicalDeviceMemoryProperties& memory() const { return memory_; }
  // Of one allocation with a buffer over all of it.
  uint64_t max_allocation_bytes() const { return max_allocation_; }
  uint32_t queue_family() const { return queue_family_; }
  uint32_t timestamp_bits() const { return timestamp_bits_; }
  bool has_extension(const char* name) const;
  const std::string& name() const { return name_; }
  // Of the driver's build: compiled pipelines are worth nothing under another one.
  const VkPhysicalDeviceProperties& properties() const { return properties_; }
  // What is missing for the shaders, "" if nothing: "Vulkan 1.1, 1.2 is needed" or "bufferDeviceAddress".
  const std::string& missing() const { return missing_; }
  const MatrixUnits& matrix_units() const { return matrix_units_; }

  // free and budget are read anew. Strings live as long as the device.
  rlx_device_info info() const;

 private:
  void read_identity();
  void find_missing();

  const Instance* instance_;
  VkPhysicalDevice handle_;
  VkPhysicalDeviceProperties properties_{};
  VkPhysicalDeviceMemoryProperties memory_{};
  std::string name_, arch_, driver_, features_, missing_;
  uint8_t uuid_[VK_UUID_SIZE] = {};
  std::optional<PciAddress> pci_;
  std::vector<VkExtensionProperties> extensions_;
  uint64_t max_allocation_ = 0;
  MatrixUnits matrix_units_;
  uint32_t subgroup_size_ = 0, queue_family_ = 0, timestamp_bits_ = 0;
};

// The largest heap of the device's own memory.
uint32_t device_heap(const VkPhysicalDeviceMemoryProperties& memory);

// The features without which no shader of ours runs, and those that shaders with cooperative matrices need besides, as
// a chain for vkCreateDevice and vkGetPhysicalDeviceFeatures2.
struct Features {
  VkPhysicalDeviceFeatures2 core{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2};
  VkPhysicalDeviceVulkan11Features v11{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES};
  VkPhysicalDeviceVulkan12Features v12{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES};
  VkPhysicalDeviceSubgroupSizeControlFeaturesEXT subgroups{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES_EXT};
  VkPhysicalDeviceCooperativeMatrixFeaturesKHR matrices{
      VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR};

  Features();
  Features(const Features&) = delete;
  Features& operator=(const Features&) = delete;
  void require_all();
  // Lengthens the chain by what only devices with the extensions know.
  void ask_for_matrix_units();
  bool have_matrix_units();
  void require_matrix_units(bool emulated);

 private:
  std::array<VkBool32*, 5> matrix_flags();
};

}  // namespace rlx::vulkan
