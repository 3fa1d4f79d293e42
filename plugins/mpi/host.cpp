#include "host.hpp"

#include <atomic>

namespace rlx::mpi {

namespace {
// The entry may be called again while ranks are at work.
std::atomic<const rlx_host_v1*> the_host{nullptr};
}  // namespace

const rlx_host_v1& host() {
  return *the_host;
}

void set_host(const rlx_host_v1* host) {
  the_host = host;
}

std::mutex& mpi_mutex() {
  // Never destroyed: MPI is finalized while the process's static objects go.
  static auto& mutex = *new std::mutex;
  return mutex;
}

void check(int code, const char* call, const char* function) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = {};
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw sdk::Error(RLX_UNAVAILABLE, std::string(call) + ": " + function + ": " + std::string(text, length), {}, code,
                   "mpi");
}

}  // namespace rlx::mpi
