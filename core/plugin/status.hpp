// rlx_status, the error object of the ABI: made and released by the host only, so that it outlives the call, the thread
// and the plugin state it came from. And its way into core: to_status(). Threads: any.
#pragma once

#include <rlx/status.hpp>

#include <memory>

// One allocation for the object, one for its three texts.
struct rlx_status {
  rlx_status_desc desc{};
  std::unique_ptr<char[]> text;
};

namespace rlx::plugin {

// Copies the strings. Never NULL: when memory is out it returns a status of static storage that says so. A desc of
// code RLX_OK becomes RLX_UNKNOWN, because a status that exists is a failure.
rlx_status* make_status(const rlx_status_desc& desc) noexcept;
rlx_status* make_status(const Error& error) noexcept;

// NULL is allowed.
void release_status(rlx_status* status) noexcept;

// The error that a status describes. Releases the status; NULL is success.
Status to_status(rlx_status* status) noexcept;

}  // namespace rlx::plugin
