// How a transport's own functions end at the ABI: an error becomes a status, an exception one that says that memory is
// out.
#pragma once

#include "plugin/status.hpp"

#include <exception>

namespace rlx::transport {

// Runs fn, which returns a Status, and hands its error out.
template <typename Fn>
rlx_status* answer(Fn&& fn) noexcept {
  try {
    const Status status = fn();
    return status ? nullptr : plugin::make_status(status.error());
  } catch (const std::exception&) {
    return plugin::make_status(Error{Code::kResourceExhausted, {}, {}, 0, {}, 0});
  }
}

}  // namespace rlx::transport
