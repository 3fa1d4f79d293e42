// The host's services, and how calls enter and leave the plugin: MPI is used by one thread at a time, and what it
// reports becomes a status.
#pragma once

#include <rlx/sdk/error.hpp>

#include <mpi.h>

#include <mutex>

namespace rlx::mpi {

// Set by the entry, before anything else runs.
const rlx_host_v1& host();
void set_host(const rlx_host_v1* host);

// Held by every call into MPI: Open MPI's one-sided access over networks works up to MPI_THREAD_SERIALIZED only.
std::mutex& mpi_mutex();

// UNAVAILABLE with MPI's number and text: "put: MPI_Put: invalid rank".
void check(int code, const char* call, const char* function);

// Runs fn with the lock; a status when it throws.
template <typename Fn>
rlx_status* enter(Fn&& fn) noexcept {
  return sdk::guard(host(), [&] {
    const std::lock_guard lock(mpi_mutex());
    fn();
  });
}

}  // namespace rlx::mpi
