// The stand-in's devices, memory and modules; queues are in queue.cpp. Numbers that differ between the vendors come
// from fake/properties.hpp.
#include "emulation/block.hpp"
#include "emulation/kernel.hpp"
#include "fake/properties.hpp"
#include "fake/queue.hpp"
#include "fake/reserved.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace fake {

namespace {

struct Function {
  emulation::Kernel kernel;
};
struct Module {
  std::map<std::string, Function> functions;
};

std::atomic<uint64_t> device_bytes{uint64_t{1} << 30};
constexpr uint64_t kMemoryAlignment = 256;  // that drivers promise
constexpr uint64_t kReservedFrom = uint64_t{64} << 20;

Reserved reserved;

constexpr int kMaxDevices = 8;
DeviceState devices[kMaxDevices];
thread_local int current = 0;
// Whose handles these are; 0 before init.
std::atomic<pid_t> process{0};

template <typename T = std::byte>
T* at(Address address) {
  return reinterpret_cast<T*>(address);
}

// All devices are instances of one GPU.
bool is_mig() {
  return std::getenv("RLX_FAKE_MIG") != nullptr;
}

bool begins_with(std::string_view text, std::string_view begin) {
  return text.substr(0, begin.size()) == begin;
}

}  // namespace

DeviceState& current_device() {
  return devices[current];
}

int refuse(std::string_view call) {
  if (const int asked = count_call()) return asked;
  if (process != 0 && process != getpid()) return kNotInitialized;
  const bool needs_context =
      call != "init" && call != "driver_version" && !begins_with(call, "device_") && !begins_with(call, "context_");
  return needs_context && devices[current].lost ? static_cast<int>(kLaunchFailed) : kSuccess;
}

// ---- devices ------------------------------------------------------------------------------------------------------

int init(uint32_t) {
  // "100": what a machine without a GPU answers; "34": a stub library.
  process = getpid();
  const char* result = std::getenv("RLX_FAKE_INIT");
  return result ? std::atoi(result) : kSuccess;
}
int driver_version(int* version) {
  *version = kDriverVersion;
  return kSuccess;
}
int device_count(int* count) {
  const char* wanted = std::getenv("RLX_FAKE_DEVICES");
  *count = wanted ? std::atoi(wanted) : 1;
  return kSuccess;
}
int device_get(int* device, int ordinal) {
  *device = ordinal;
  return kSuccess;
}
int device_name(char* name, int bytes, int) {
  std::strncpy(name, is_mig() ? "emulated GPU MIG 1g.1gb" : "emulated GPU", static_cast<size_t>(bytes));
  return kSuccess;
}
int device_memory(size_t* bytes, int) {
  *bytes = device_bytes;
  return kSuccess;
}
int device_attribute(int* value, int attribute, int) {
  for (const Property& p : kProperties)
    if (p.attribute == attribute) {
      *value = p.value;
      return kSuccess;
    }
  return kInvalidValue;
}
int device_uuid(uint8_t* uuid, int device) {
  for (int i = 0; i < 16; ++i) uuid[i] = static_cast<uint8_t>(device + i);
  return kSuccess;
}
int gpu_uuid(uint8_t* uuid, int device) {
  return device_uuid(uuid, is_mig() ? kMaxDevices : device);
}
int context_retain(void** context, int device) {
  *context = &devices[device].primary_context;
  return kSuccess;
}
int context_reset(int device) {
  devices[device].lost = false;
  return kSuccess;
}
int context_set(void* context) {
  for (int i = 0; i < kMaxDevices; ++i)
    if (context == &devices[i].primary_context) {
      current = i;
      return kSuccess;
    }
  return kInvalidValue;
}
int memory_info(size_t* free, size_t* total) {
  *free = device_bytes / 2;
  *total = device_bytes;
  return kSuccess;
}

// ---- memory -------------------------------------------------------------------------------------------------------

int memory_alloc(Address* memory, size_t bytes) {
  if (bytes > device_bytes) return kOutOfMemory;
  void* block = nullptr;
  if (bytes >= kReservedFrom)
    block = reserved.take(bytes);
  else if (posix_memalign(&block, kMemoryAlignment, bytes) != 0)
    block = nullptr;
  if (!block) return kOutOfMemory;
  if (bytes < kReservedFrom) std::memset(block, 0xcd, bytes);
  *memory = reinterpret_cast<Address>(block);
  ++live;
  return kSuccess;
}
int memory_free(Address memory) {
  if (!reserved.give(at(memory))) std::free(at(memory));
  --live;
  return kSuccess;
}
int host_alloc(void** memory, size_t bytes, uint32_t) {
  *memory = std::malloc(bytes);
  if (!*memory) return kOutOfMemory;
  ++live;
  return kSuccess;
}
int host_free(void* memory) {
  std::free(memory);
  --live;
  return kSuccess;
}
int copy_to_device(Address dst, const void* src, size_t bytes, void* stream) {
  return enqueue(stream, [=] { return std::memcpy(at(dst), src, bytes), kSuccess; });
}
int copy_to_host(void* dst, Address src, size_t bytes, void* stream) {
  return enqueue(stream, [=] { return std::memcpy(dst, at(src), bytes), kSuccess; });
}
int copy_on_device(Address dst, Address src, size_t bytes, void* stream) {
  return enqueue(stream, [=] { return std::memcpy(at(dst), at(src), bytes), kSuccess; });
}
int fill_bytes(Address dst, unsigned char value, size_t bytes, void* stream) {
  return enqueue(stream, [=] { return std::memset(at(dst), value, bytes), kSuccess; });
}

// ---- modules and launches -----------------------------------------------------------------------------------------

int module_load(void** module, const void* image) {
  const std::string text(static_cast<const char*>(image));
  if (text.rfind(kImageBegin, 0) != 0) return kInvalidImage;
  try {
    auto loaded = std::make_unique<Module>();
    for (auto& [name, kernel] : emulation::read_source(text)) loaded->functions[name] = {std::move(kernel)};
    *module = loaded.release();
  } catch (const std::runtime_error&) {
    return kInvalidImage;
  }
  ++live;
  return kSuccess;
}
int module_unload(void* module) {
  return destroy<Module>(module);
}
int module_function(void** function, void* module, const char* name) {
  auto& functions = static_cast<Module*>(module)->functions;
  const auto found = functions.find(name);
  if (found == functions.end()) return kNotFound;
  *function = &found->second;
  return kSuccess;
}

namespace {
struct Call {
  const emulation::Kernel* kernel;
  const std::byte* params;
};
}  // namespace

int launch(void* function, uint32_t grid_x, uint32_t, uint32_t, uint32_t block_x, uint32_t, uint32_t,
           uint32_t shared_bytes, void* stream, void** params, void**) {
  if (grid_x == 0 || block_x == 0 || block_x > kMaxBlock || shared_bytes > kMaxShared || block_x % kWarp != 0)
    return kInvalidValue;
  const auto* called = static_cast<const Function*>(function);
  // The driver copies parameters when it is called.
  const auto* first = static_cast<const std::byte*>(params[0]);
  const auto copy = std::make_shared<std::vector<std::byte>>(first, first + called->kernel.params_bytes);
  DeviceState& device = device_of(stream);
  return enqueue(stream, [=, &device] {
    if (++device.launches == device.lost_at) return static_cast<int>(kLaunchFailed);
    const Call call{&called->kernel, copy->data()};
    emulation::Grid grid{};
    grid.kernel = [](const void* context) {
      const Call& c = *static_cast<const Call*>(context);
      c.kernel->run(c.params);
    };
    grid.context = &call;
    grid.blocks = grid_x;
    grid.threads = block_x;
    grid.shared_bytes = shared_bytes;
    grid.warp = kWarp;
    grid.order = emulation::Order::kRandom;
    return emulation::run(grid).empty() ? kSuccess : static_cast<int>(kLaunchFailed);
  });
}

}  // namespace fake

extern "C" {
FAKE_EXPORT uint64_t rlx_fake_live() {
  return fake::live;
}
FAKE_EXPORT void rlx_fake_lose(int device, uint64_t n) {
  fake::devices[device].lost_at = fake::devices[device].launches + n;
}
FAKE_EXPORT void rlx_fake_set_memory(uint64_t bytes) {
  fake::device_bytes = bytes;
}
FAKE_EXPORT int rlx_fake_enqueue(void* stream, const std::function<int()>* work) {
  return fake::enqueue(stream, *work);
}
FAKE_EXPORT void rlx_fake_keep(int64_t change) {
  fake::live += static_cast<uint64_t>(change);
}
}
