// The edge of a library that promises not to throw: exceptions become errors.
#pragma once

#include <rlx/status.hpp>

#include <exception>
#include <new>
#include <system_error>

namespace rlx {

// fn returns Status or a Result. Running out of host memory, or of threads, becomes RESOURCE_EXHAUSTED, anything else
// INTERNAL.
template <typename Fn>
auto guarded(Fn&& fn) -> decltype(fn()) {
  try {
    return fn();
  } catch (const std::bad_alloc&) {
    return error(Code::kResourceExhausted, "out of host memory");
  } catch (const std::system_error& e) {
    const bool exhausted = e.code() == std::errc::resource_unavailable_try_again;  // std::thread
    return error(exhausted ? Code::kResourceExhausted : Code::kInternal, e.what());
  } catch (const std::exception& e) {
    return error(Code::kInternal, e.what());
  } catch (...) {
    return error(Code::kInternal, "exception of unknown type");
  }
}

}  // namespace rlx
