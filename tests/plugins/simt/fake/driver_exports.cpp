// The driver's symbols: each counts the call and goes to the stand-in.
#include "fake/gpu.hpp"
#include "fake/properties.hpp"

#include <cstring>
#include <string_view>

using fake::Address;

namespace {
// What a call frees is gone even when it reports a failure: drivers do so when an earlier error surfaces there.
constexpr bool frees(std::string_view name) {
  return name == "memory_free" || name == "host_free" || name == "stream_destroy" || name == "event_destroy" ||
         name == "module_unload" || name == "graph_destroy" || name == "graph_release" || name == "capture_end";
}

thread_local unsigned depth = 0;
struct Called {
  Called() { ++depth; }
  ~Called() { --depth; }
};
}  // namespace

extern "C" {
FAKE_EXPORT bool rlx_fake_is_called() {
  return depth > 0;
}

#define SIMT_CALL(name, cuda, hip, params, args)                         \
  FAKE_EXPORT int FAKE_SYMBOL(cuda, hip) params {                        \
    const Called called;                                                 \
    const int asked = fake::refuse(#name);                               \
    const int result = asked && !frees(#name) ? asked : fake::name args; \
    return asked ? asked : result;                                       \
  }
#include "driver_calls.inc"
#undef SIMT_CALL

#if defined(FAKE_HIP)
// Of the struct only the name of the architecture is ever looked at, wherever it is.
FAKE_EXPORT int hipGetDevicePropertiesR0600(void* properties, int) {
  if (const int result = fake::refuse("device_properties")) return result;
  constexpr size_t kSomewhere = 1160;
  std::strcpy(static_cast<char*>(properties) + kSomewhere, fake::kArch);
  return fake::kSuccess;
}
#else
// Outside of the list, because HIP has one call only.
FAKE_EXPORT int cuDeviceGetUuid(uint8_t* uuid, int device) {
  const int result = fake::refuse("device_uuid");
  return result ? result : fake::gpu_uuid(uuid, device);
}
#endif
}
