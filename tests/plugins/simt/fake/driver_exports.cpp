// The driver's symbols: each counts the call and goes to the stand-in.
#include "fake/gpu.hpp"
#include "fake/properties.hpp"

#include <cstring>

using fake::Address;

extern "C" {
#define SIMT_CALL(name, cuda, hip, params, args)              \
  FAKE_EXPORT int FAKE_SYMBOL(cuda, hip) params {             \
    if (const int result = fake::count_call()) return result; \
    return fake::name args;                                   \
  }
#include "driver_calls.inc"
#undef SIMT_CALL

#if defined(FAKE_HIP)
// Of the struct only the name of the architecture is ever looked at, wherever it is.
FAKE_EXPORT int hipGetDevicePropertiesR0600(void* properties, int) {
  if (const int result = fake::count_call()) return result;
  constexpr size_t kSomewhere = 1160;
  std::strcpy(static_cast<char*>(properties) + kSomewhere, fake::kArch);
  return fake::kSuccess;
}
#endif
}
