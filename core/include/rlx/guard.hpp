// The edge of a library that promises not to throw: exceptions become errors.
#pragma once

#include <rlx/status.hpp>

#include <exception>
#include <new>
#include <system_error>

namespace rlx {

// Of the exception that is being handled. Running out of host memory, or of threads, is RESOURCE_EXHAUSTED, anything
// else INTERNAL.
inline tl::unexpected<Error> caught_error() noexcept {
  try {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (const std::system_error& e) {
      const bool exhausted = e.code() == std::errc::resource_unavailable_try_again;  // std::thread
      return error(exhausted ? Code::kResourceExhausted : Code::kInternal, e.what());
    } catch (const std::exception& e) {
      return error(Code::kInternal, e.what());
    } catch (...) {
      return error(Code::kInternal, "exception of unknown type");
    }
  } catch (...) {
    // Also where there was no memory for one of the texts above; this one is short enough to need none.
    return error(Code::kResourceExhausted, "out of memory");
  }
}

// fn returns Status or a Result.
template <typename Fn>
auto guarded(Fn&& fn) -> decltype(fn()) {
  try {
    return fn();
  } catch (...) {
    return caught_error();
  }
}

}  // namespace rlx
