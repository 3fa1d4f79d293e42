#include "host.hpp"

namespace rlx::mpi {

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
