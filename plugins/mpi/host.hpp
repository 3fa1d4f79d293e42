// The host's services, and how calls enter and leave the plugin: MPI is used by one thread at a time, and what it
// reports becomes a status.
#pragma once

#include <rlx/sdk/entry.hpp>

#include <mpi.h>

#include <mutex>

namespace rlx::mpi {

using sdk::host;

// Held by every call into MPI: Open MPI's one-sided access over networks works up to MPI_THREAD_SERIALIZED only.
std::mutex& mpi_mutex();

// UNAVAILABLE with MPI's number and text: "put: MPI_Put: invalid rank".
void check(int code, const char* call, const char* function);

// Runs fn with the lock; a status when it throws.
template <typename Fn>
rlx_status* enter(Fn&& fn) noexcept {
  return sdk::guard([&] {
    const std::lock_guard lock(mpi_mutex());
    fn();
  });
}

}  // namespace rlx::mpi
