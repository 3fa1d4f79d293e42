// The edge of the public C++ API: no exception of ours reaches the caller.
#pragma once

#include <rlx/status.hpp>

#include <exception>
#include <new>

namespace rlx {

// fn returns Status or a Result. Running out of host memory becomes RESOURCE_EXHAUSTED, anything else INTERNAL.
template <typename Fn>
auto guarded(Fn&& fn) -> decltype(fn()) {
  try {
    return fn();
  } catch (const std::bad_alloc&) {
    return error(Code::kResourceExhausted, "out of host memory");
  } catch (const std::exception& e) {
    return error(Code::kInternal, e.what());
  }
}

}  // namespace rlx
