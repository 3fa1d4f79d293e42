/* A Vulkan loader that finds what the environment variable FAKE_VULKAN says: "old-loader", "no-driver", "no-device",
 * "old-device", "no-feature", "no-queue", or "no-logical-device". Opened by the plugin in the place of the real one. */
#define VK_NO_PROTOTYPES
#include <vulkan/vulkan.h>

#include <stdlib.h>
#include <string.h>

static int says(const char* scenario) {
  const char* text = getenv("FAKE_VULKAN");
  return text && !strcmp(text, scenario);
}

static VKAPI_ATTR VkResult VKAPI_CALL enumerate_version(uint32_t* version) {
  *version = says("old-loader") ? VK_API_VERSION_1_1 : VK_API_VERSION_1_3;
  return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_instance(const VkInstanceCreateInfo* info,
                                                      const VkAllocationCallbacks* callbacks, VkInstance* instance) {
  (void)info;
  (void)callbacks;
  if (says("no-driver")) return VK_ERROR_INCOMPATIBLE_DRIVER;
  *instance = (VkInstance)malloc(1);
  return VK_SUCCESS;
}

static VKAPI_ATTR void VKAPI_CALL destroy_instance(VkInstance instance, const VkAllocationCallbacks* callbacks) {
  (void)callbacks;
  free(instance);
}

static VKAPI_ATTR VkResult VKAPI_CALL enumerate_physical_devices(VkInstance instance, uint32_t* count,
                                                                 VkPhysicalDevice* devices) {
  static char device;
  (void)instance;
  if (says("no-device")) {
    *count = 0;
  } else {
    *count = 1;
    if (devices) *devices = (VkPhysicalDevice)&device;
  }
  return VK_SUCCESS;
}

static VKAPI_ATTR VkResult VKAPI_CALL enumerate_extensions(VkPhysicalDevice device, const char* layer, uint32_t* count,
                                                           VkExtensionProperties* properties) {
  (void)device;
  (void)layer;
  (void)properties;
  *count = 0;
  return VK_SUCCESS;
}

static VKAPI_ATTR void VKAPI_CALL get_properties(VkPhysicalDevice device, VkPhysicalDeviceProperties2* properties) {
  (void)device;
  strcpy(properties->properties.deviceName, "fake device");
  properties->properties.apiVersion = says("old-device") ? VK_API_VERSION_1_1 : VK_API_VERSION_1_2;
  properties->properties.deviceType = VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU;
}

static VKAPI_ATTR void VKAPI_CALL get_features(VkPhysicalDevice device, VkPhysicalDeviceFeatures2* features) {
  (void)device;
  features->features.shaderInt64 = VK_TRUE;
  for (VkBaseOutStructure* s = (VkBaseOutStructure*)features->pNext; s; s = s->pNext) {
    if (s->sType == VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES)
      ((VkPhysicalDeviceVulkan11Features*)s)->storageBuffer16BitAccess = VK_TRUE;
    if (s->sType != VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES) continue;
    VkPhysicalDeviceVulkan12Features* v12 = (VkPhysicalDeviceVulkan12Features*)s;
    v12->storageBuffer8BitAccess = v12->timelineSemaphore = VK_TRUE;
    v12->bufferDeviceAddress = !says("no-feature");
  }
}

static VKAPI_ATTR void VKAPI_CALL get_memory(VkPhysicalDevice device, VkPhysicalDeviceMemoryProperties2* memory) {
  (void)device;
  memory->memoryProperties.memoryHeapCount = 1;
  memory->memoryProperties.memoryHeaps[0].size = 1u << 30;
}

static VKAPI_ATTR void VKAPI_CALL get_queues(VkPhysicalDevice device, uint32_t* count,
                                             VkQueueFamilyProperties* families) {
  (void)device;
  *count = 1;
  if (!families) return;
  families->queueCount = 1;
  families->queueFlags = says("no-queue") ? VK_QUEUE_TRANSFER_BIT : VK_QUEUE_COMPUTE_BIT;
}

static VKAPI_ATTR VkResult VKAPI_CALL create_device(VkPhysicalDevice physical, const VkDeviceCreateInfo* info,
                                                    const VkAllocationCallbacks* callbacks, VkDevice* device) {
  (void)physical;
  (void)info;
  (void)callbacks;
  (void)device;
  return VK_ERROR_INITIALIZATION_FAILED;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL get_device_address(VkDevice device, const char* name) {
  (void)device;
  (void)name;
  return NULL;
}

__attribute__((visibility("default"))) VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL
vkGetInstanceProcAddr(VkInstance instance, const char* name) {
  static const struct {
    const char* name;
    PFN_vkVoidFunction function;
  } functions[] = {
      {"vkEnumerateInstanceVersion", (PFN_vkVoidFunction)enumerate_version},
      {"vkCreateInstance", (PFN_vkVoidFunction)create_instance},
      {"vkDestroyInstance", (PFN_vkVoidFunction)destroy_instance},
      {"vkEnumeratePhysicalDevices", (PFN_vkVoidFunction)enumerate_physical_devices},
      {"vkEnumerateDeviceExtensionProperties", (PFN_vkVoidFunction)enumerate_extensions},
      {"vkGetPhysicalDeviceProperties2", (PFN_vkVoidFunction)get_properties},
      {"vkGetPhysicalDeviceFeatures2", (PFN_vkVoidFunction)get_features},
      {"vkGetPhysicalDeviceMemoryProperties2", (PFN_vkVoidFunction)get_memory},
      {"vkGetPhysicalDeviceQueueFamilyProperties", (PFN_vkVoidFunction)get_queues},
      {"vkCreateDevice", (PFN_vkVoidFunction)create_device},
      {"vkGetDeviceProcAddr", (PFN_vkVoidFunction)get_device_address},
  };
  (void)instance;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; ++i)
    if (!strcmp(functions[i].name, name)) return functions[i].function;
  return NULL;
}
