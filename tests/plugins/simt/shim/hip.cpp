// HIP's runtime on an NVIDIA GPU, for the calls that the ROCm plugin makes: its host code meets real hardware that way.
// The two interfaces agree in shape and in the numbers of errors and flags; what differs hides the call of the list.
#include "shim/cuda.hpp"

#include <cstring>

using rlx::simt::Address;

namespace same {
#define SIMT_CALL(name, cuda, hip, params, args)                      \
  static int name params {                                            \
    const rlx::simt::Driver* d = shim::driver();                      \
    return d ? d->name.raw args : static_cast<int>(shim::kNoLibrary); \
  }
#include "driver_calls.inc"
#undef SIMT_CALL
}  // namespace same

namespace as_hip {

using namespace same;

// 13020 is 13.2 there, 130200000 here.
static int driver_version(int* version) {
  const int result = same::driver_version(version);
  *version = *version / 1000 * 10'000'000 + *version % 1000 / 10 * 100'000;
  return result;
}

static int device_attribute(int* value, int attribute, int device) {
  constexpr int kInvalidValue = 1;
#define SIMT_ATTRIBUTE(name, cuda, hip) \
  if (attribute == hip) return same::device_attribute(value, cuda, device);
#include "attributes.inc"
#undef SIMT_ATTRIBUTE
  return kInvalidValue;
}

}  // namespace as_hip

extern "C" {
#define SIMT_CALL(name, cuda, hip, params, args) \
  SHIM_EXPORT int hip params {                   \
    return as_hip::name args;                    \
  }
#include "driver_calls.inc"
#undef SIMT_CALL

// A chip with warps of 32 that every hipRTC knows; shim/hiprtc.cpp compiles for the one that is there. Of the struct
// the plugin looks for the name only, wherever it is.
SHIM_EXPORT int hipGetDevicePropertiesR0600(void* properties, int) {
  std::strcpy(static_cast<char*>(properties), "gfx1030");
  return 0;
}
}
