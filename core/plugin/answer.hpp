// How a function that is called through the ABI, or through the C API, ends: an error becomes a status, and so does an
// exception.
#pragma once

#include "plugin/status.hpp"

#include <rlx/guard.hpp>

namespace rlx::plugin {

// Runs fn, which returns a Status.
template <typename Fn>
rlx_status* answer(Fn&& fn) noexcept {
  const Status status = guarded(fn);
  return status ? nullptr : make_status(status.error());
}

}  // namespace rlx::plugin
