// What the stand-in's parts share: its devices, and handles that are objects which are counted.
#pragma once

#include "fake/gpu.hpp"

#include <atomic>
#include <utility>

namespace fake {

// The vendors' numbers that the stand-in answers with.
enum {
  kInvalidValue = 1,
  kOutOfMemory = 2,
  kNotInitialized = 3,
  kInvalidImage = 200,
  kNotFound = 500,
  kNotReady = 600,
  kLaunchFailed = 719,
  kCaptureInvalid = 900
};

struct DeviceState {
  int primary_context = 0;            // its address is the handle
  std::atomic<uint64_t> lost_at{0};   // the launch that ends it; 0: none
  std::atomic<uint64_t> launches{0};  // that ran
  std::atomic<bool> lost{false};
};

// The one whose context is the calling thread's.
DeviceState& current_device();

inline std::atomic<uint64_t> live{0};

template <typename T, typename... Args>
int make(void** out, Args&&... args) {
  *out = new T{std::forward<Args>(args)...};
  ++live;
  return kSuccess;
}
template <typename T>
int destroy(void* object) {
  delete static_cast<T*>(object);
  --live;
  return kSuccess;
}

}  // namespace fake
