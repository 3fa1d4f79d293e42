// Opening the loader. The three ways in which a machine can have no Vulkan end in three different errors.
#include "loader.hpp"

#include "error.hpp"

#include <dlfcn.h>

namespace rlx::vulkan {

namespace {

using sdk::Error;

constexpr const char* kLibrary = "libvulkan.so.1";

std::string version_text(uint32_t version) {
  return std::to_string(VK_API_VERSION_MAJOR(version)) + "." + std::to_string(VK_API_VERSION_MINOR(version));
}

PFN_vkGetInstanceProcAddr open_loader() {
  void* library = dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char* why = dlerror();
    throw Error(RLX_DRIVER_MISSING, std::string("the Vulkan loader cannot be opened: ") + (why ? why : kLibrary),
                "install the Vulkan loader (Debian and Ubuntu: libvulkan1) and a driver");
  }
  const auto entry = reinterpret_cast<PFN_vkGetInstanceProcAddr>(dlsym(library, "vkGetInstanceProcAddr"));
  if (!entry)
    throw Error(RLX_DRIVER_MISMATCH, std::string(kLibrary) + " has no vkGetInstanceProcAddr",
                "another library has its name: check LD_LIBRARY_PATH");
  return entry;
}

template <typename Function>
void find(Function& function, PFN_vkVoidFunction found, const char* name) {
  if (!found) throw Error(RLX_DRIVER_MISMATCH, std::string(name) + " is missing in the Vulkan driver", "update it");
  function = reinterpret_cast<Function>(found);
}

}  // namespace

Instance::Instance() {
  const PFN_vkGetInstanceProcAddr get = open_loader();
  PFN_vkCreateInstance create = nullptr;
  find(create, get(nullptr, "vkCreateInstance"), "vkCreateInstance");
  // A loader of Vulkan 1.0 does not have this function.
  const auto enumerate_version =
      reinterpret_cast<PFN_vkEnumerateInstanceVersion>(get(nullptr, "vkEnumerateInstanceVersion"));
  uint32_t version = VK_API_VERSION_1_0;
  if (enumerate_version) enumerate_version(&version);
  if (version < kMinimumVersion)
    throw Error(
        RLX_DRIVER_TOO_OLD,
        "the Vulkan loader speaks " + version_text(version) + ", " + version_text(kMinimumVersion) + " is needed",
        "update the Vulkan loader");
  VkApplicationInfo application{VK_STRUCTURE_TYPE_APPLICATION_INFO};
  application.pApplicationName = application.pEngineName = "rlx";
  application.apiVersion = kMinimumVersion;
  VkInstanceCreateInfo info{VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
  info.pApplicationInfo = &application;
  const VkResult result = create(&info, nullptr, &handle_);
  if (result == VK_ERROR_INCOMPATIBLE_DRIVER)
    throw Error(RLX_UNAVAILABLE, "the Vulkan loader found no driver that works",
                "install the driver of the GPU, or mesa-vulkan-drivers; vulkaninfo shows what the loader finds", result,
                "vulkan");
  check(result, "vkCreateInstance");
#define RLX_VK_GLOBAL(name)
#define RLX_VK_INSTANCE(name) find(functions_.name, get(handle_, #name), #name);
#define RLX_VK_OPTIONAL(name) functions_.name = reinterpret_cast<PFN_##name>(get(handle_, #name));
#define RLX_VK_DEVICE(name)
#include "functions.inc"
#undef RLX_VK_GLOBAL
#undef RLX_VK_INSTANCE
#undef RLX_VK_OPTIONAL
#undef RLX_VK_DEVICE
}

Instance::~Instance() {
  if (handle_ && functions_.vkDestroyInstance) functions_.vkDestroyInstance(handle_, nullptr);
}

std::vector<VkPhysicalDevice> Instance::physical_devices() const {
  while (true) {
    uint32_t count = 0;
    check(functions_.vkEnumeratePhysicalDevices(handle_, &count, nullptr), "vkEnumeratePhysicalDevices");
    std::vector<VkPhysicalDevice> devices(count);
    const VkResult result = functions_.vkEnumeratePhysicalDevices(handle_, &count, devices.data());
    devices.resize(count);
    if (result == VK_INCOMPLETE) continue;  // one was plugged in meanwhile
    check(result, "vkEnumeratePhysicalDevices");
    return devices;
  }
}

void DeviceFunctions::load(const InstanceFunctions& instance, VkDevice device) {
#define RLX_VK_GLOBAL(name)
#define RLX_VK_INSTANCE(name)
#define RLX_VK_OPTIONAL(name)
#define RLX_VK_DEVICE(name) find(name, instance.vkGetDeviceProcAddr(device, #name), #name);
#include "functions.inc"
#undef RLX_VK_GLOBAL
#undef RLX_VK_INSTANCE
#undef RLX_VK_OPTIONAL
#undef RLX_VK_DEVICE
}

}  // namespace rlx::vulkan
