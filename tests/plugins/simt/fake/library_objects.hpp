// What the stand-ins for libraries above the driver make: objects that count among the driver's live ones.
#pragma once

#include "fake/gpu.hpp"

#include <cstring>
#include <utility>

namespace fake {

template <typename T, typename... Args>
int make_object(void** out, Args&&... args) {
  *out = new T{std::forward<Args>(args)...};
  rlx_fake_keep(1);
  return kSuccess;
}
// otherwise: what NULL is answered with.
template <typename T>
int destroy_object(void* object, int otherwise) {
  if (!object) return otherwise;
  delete static_cast<T*>(object);
  rlx_fake_keep(-1);
  return kSuccess;
}
template <typename T>
T& object(void* handle) {
  return *static_cast<T*>(handle);
}

}  // namespace fake
