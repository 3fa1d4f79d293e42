// Facts of a physical device.
#include "physical.hpp"

#include "device/shader.hpp"

#include <algorithm>
#include <cstring>

namespace rlx::vulkan {

namespace {

// Every feature that the shaders and the executor rely on: its name, and where it is in the chain.
struct Requirement {
  const char* name;
  VkBool32& (*flag)(Features&);
};

constexpr Requirement kRequirements[] = {
    {"shaderInt64", [](Features& f) -> VkBool32& { return f.core.features.shaderInt64; }},
    {"storageBuffer16BitAccess", [](Features& f) -> VkBool32& { return f.v11.storageBuffer16BitAccess; }},
    {"storageBuffer8BitAccess", [](Features& f) -> VkBool32& { return f.v12.storageBuffer8BitAccess; }},
    {"bufferDeviceAddress", [](Features& f) -> VkBool32& { return f.v12.bufferDeviceAddress; }},
    {"timelineSemaphore", [](Features& f) -> VkBool32& { return f.v12.timelineSemaphore; }},
};

uint32_t kind_of(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return RLX_DEVICE_GPU_DISCRETE;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
      return RLX_DEVICE_GPU_INTEGRATED;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return RLX_DEVICE_GPU_VIRTUAL;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
      return RLX_DEVICE_CPU;
    default:
      return RLX_DEVICE_ACCELERATOR;
  }
}

// Against about 100 for a core of a current CPU. A driver that runs on the CPU is behind the cpu plugin in any case.
uint32_t score_of(VkPhysicalDeviceType type) {
  switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
      return 20000;
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
      return 2000;
    default:
      return 10;
  }
}

}  // namespace

Features::Features() {
  core.pNext = &v11;
  v11.pNext = &v12;
}

void Features::require_all() {
  for (const Requirement& r : kRequirements) r.flag(*this) = VK_TRUE;
}

void Features::ask_for_matrix_units() {
  v12.pNext = &subgroups;
  subgroups.pNext = &matrices;
}

std::array<VkBool32*, 5> Features::matrix_flags() {
  return {&v12.shaderFloat16, &v12.vulkanMemoryModel, &subgroups.subgroupSizeControl, &subgroups.computeFullSubgroups,
          &matrices.cooperativeMatrix};
}

bool Features::have_matrix_units() {
  const auto flags = matrix_flags();
  return std::all_of(flags.begin(), flags.end(), [](const VkBool32* flag) { return *flag != VK_FALSE; });
}

void Features::require_matrix_units(bool emulated) {
  v12.shaderFloat16 = VK_TRUE;
  if (emulated) return;
  ask_for_matrix_units();
  for (VkBool32* flag : matrix_flags()) *flag = VK_TRUE;
}

uint32_t device_heap(const VkPhysicalDeviceMemoryProperties& memory) {
  uint32_t best = 0;
  for (uint32_t i = 1; i < memory.memoryHeapCount; ++i) {
    const auto rank = [&](uint32_t heap) {
      const bool local = memory.memoryHeaps[heap].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT;
      return std::pair(local, memory.memoryHeaps[heap].size);
    };
    if (rank(i) > rank(best)) best = i;
  }
  return best;
}

PhysicalDevice::PhysicalDevice(const Instance& instance, VkPhysicalDevice handle)
    : instance_(&instance), handle_(handle) {
  const InstanceFunctions& vk = instance.functions();
  uint32_t count = 0;
  vk.vkEnumerateDeviceExtensionProperties(handle, nullptr, &count, nullptr);
  extensions_.resize(count);
  vk.vkEnumerateDeviceExtensionProperties(handle, nullptr, &count, extensions_.data());
  extensions_.resize(count);
  read_identity();
  VkPhysicalDeviceMemoryProperties2 memory{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2};
  vk.vkGetPhysicalDeviceMemoryProperties2(handle, &memory);
  memory_ = memory.memoryProperties;
  find_missing();
  if (!missing_.empty()) return;
  matrix_units_ = find_matrix_units(*this);
  // The compiler of the build may not have known them.
  if (!matrix_units_.emulated && spirv_of(Shader::k_matmul_cooperative).empty()) matrix_units_ = {};
  if (!matrix_units_.shapes.empty()) features_ += " " + matrix_units_.text();
}

void PhysicalDevice::read_identity() {
  VkPhysicalDeviceSubgroupProperties subgroup{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES};
  VkPhysicalDeviceMaintenance3Properties maintenance{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES};
  VkPhysicalDeviceIDProperties id{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES};
  VkPhysicalDeviceDriverProperties driver{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES};
  VkPhysicalDevicePCIBusInfoPropertiesEXT pci{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PCI_BUS_INFO_PROPERTIES_EXT};
  VkPhysicalDeviceProperties2 all{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2};
  all.pNext = &subgroup;
  subgroup.pNext = &maintenance;
  maintenance.pNext = &id;
  id.pNext = &driver;
  VkPhysicalDeviceMaintenance4Properties buffers{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_4_PROPERTIES};
  const bool has_pci = has_extension(VK_EXT_PCI_BUS_INFO_EXTENSION_NAME);
  if (has_pci) driver.pNext = &pci;
  if (has_extension(VK_KHR_MAINTENANCE_4_EXTENSION_NAME)) {
    buffers.pNext = all.pNext;
    all.pNext = &buffers;
  }
  instance_->functions().vkGetPhysicalDeviceProperties2(handle_, &all);
  properties_ = all.properties;
  name_ = properties_.deviceName;
  arch_ = "spirv 1.5";
  driver_ = std::string(driver.driverName) + (driver.driverInfo[0] ? " " : "") + driver.driverInfo;
  subgroup_size_ = subgroup.subgroupSize;
  max_allocation_ = maintenance.maxMemoryAllocationSize;
  if (buffers.maxBufferSize > 0) max_allocation_ = std::min(max_allocation_, buffers.maxBufferSize);
  std::memcpy(uuid_, id.deviceUUID, sizeof uuid_);
  if (has_pci) pci_ = PciAddress{pci.pciDomain, pci.pciBus, pci.pciDevice, pci.pciFunction};
}

void PhysicalDevice::find_missing() {
  if (properties_.apiVersion < kMinimumVersion) {
    missing_ = "Vulkan 1.2: the driver speaks " + std::to_string(VK_API_VERSION_MAJOR(properties_.apiVersion)) + "." +
               std::to_string(VK_API_VERSION_MINOR(properties_.apiVersion));
    return;
  }
  const InstanceFunctions& vk = instance_->functions();
  Features features;
  vk.vkGetPhysicalDeviceFeatures2(handle_, &features.core);
  for (const Requirement& r : kRequirements)
    if (!r.flag(features)) missing_ += (missing_.empty() ? "" : ", ") + std::string(r.name);
  const auto list = [&](bool has, const char* name) {
    if (has) features_ += std::string(name) + " ";
  };
  list(features.core.features.shaderFloat64, "f64");
  list(features.v12.shaderFloat16, "f16");
  list(features.v12.shaderInt8, "i8");
  features_ += "subgroup" + std::to_string(subgroup_size_);

  uint32_t count = 0;
  vk.vkGetPhysicalDeviceQueueFamilyProperties(handle_, &count, nullptr);
  std::vector<VkQueueFamilyProperties> families(count);
  vk.vkGetPhysicalDeviceQueueFamilyProperties(handle_, &count, families.data());
  // One without graphics runs beside what the screen needs.
  const VkQueueFamilyProperties* best = nullptr;
  for (const VkQueueFamilyProperties& f : families) {
    if (!(f.queueFlags & VK_QUEUE_COMPUTE_BIT) || f.queueCount == 0) continue;
    if (!best || ((best->queueFlags & VK_QUEUE_GRAPHICS_BIT) && !(f.queueFlags & VK_QUEUE_GRAPHICS_BIT))) best = &f;
  }
  if (!best) {
    missing_ += (missing_.empty() ? "" : ", ") + std::string("a compute queue");
    return;
  }
  queue_family_ = static_cast<uint32_t>(best - families.data());
  timestamp_bits_ = best->timestampValidBits;
}

bool PhysicalDevice::has_extension(const char* name) const {
  return std::any_of(extensions_.begin(), extensions_.end(),
                     [&](const VkExtensionProperties& e) { return !std::strcmp(e.extensionName, name); });
}

rlx_device_info PhysicalDevice::info() const {
  const bool software = properties_.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU;
  rlx_device_info i{};
  i.kind = kind_of(properties_.deviceType);
  i.flags = RLX_DEVICE_HAS_UUID | (software ? RLX_DEVICE_SOFTWARE : 0) | (pci_ ? RLX_DEVICE_HAS_PCI : 0);
  i.score = score_of(properties_.deviceType);
  i.numa_node = UINT32_MAX;
  if (pci_) {
    i.pci_domain = pci_->domain;
    i.pci_bus_device_function = pci_->bus << 8 | pci_->device << 3 | pci_->function;
  }
  const uint32_t heap = device_heap(memory_);
  i.memory_total = i.memory_free = i.memory_budget = memory_.memoryHeaps[heap].size;
  if (has_extension(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME)) {
    VkPhysicalDeviceMemoryBudgetPropertiesEXT budget{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT};
    VkPhysicalDeviceMemoryProperties2 memory{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2};
    memory.pNext = &budget;
    instance_->functions().vkGetPhysicalDeviceMemoryProperties2(handle_, &memory);
    i.memory_budget = budget.heapBudget[heap];
    i.memory_free = i.memory_budget - std::min(i.memory_budget, budget.heapUsage[heap]);
  }
  std::memcpy(i.uuid, uuid_, sizeof i.uuid);
  i.name = sdk::str(name_);
  i.arch = sdk::str(arch_);
  i.driver = sdk::str(driver_);
  i.features = sdk::str(features_);
  return i;
}

}  // namespace rlx::vulkan
