// A vendor's library of matrix products, opened when a program first has a product for it: opening cuBLASLt takes 90 ms
// and 150 MB.
#pragma once

#include "blas/numbers.hpp"
#include "driver.hpp"
#include "library_object.hpp"

#include <span>
#include <type_traits>

namespace rlx::simt {

struct Blas {
#define SIMT_CALL(name, cuda, hip, params, args) Call<int params> name;
#include "blas/blas_calls.inc"
#undef SIMT_CALL
};

// What tells cuBLASLt from hipBLASLt beyond the names of calls.
struct BlasLibrary {
  const char* name;                    // "cublaslt": in profiles
  std::span<const char* const> files;  // for dlopen, best first
  const char* (*load)(void*, Blas&);   // the symbol that is missing, or NULL
  BlasNumbers numbers;
};

// NULL where there is none: not an error, and said once in the log. Threads: any.
const Blas* blas();

// Throws the Error for a status that is not 0.
void check_blas(const char* symbol, int status);
template <typename... Args>
void call_blas(const Call<int(Args...)>& call, std::type_identity_t<Args>... args) {
  check_blas(call.symbol, call.raw(args...));
}

}  // namespace rlx::simt
