// cuDNN as a table of calls, opened when a program first has a convolution for it.
#pragma once

#include "cudnn/numbers.hpp"
#include "library_object.hpp"

#include <type_traits>

namespace rlx::simt::cudnn {

struct Cudnn {
#define CUDNN_CALL(name, symbol, params, args) Call<int params> name;
#include "cudnn/calls.inc"
#undef CUDNN_CALL
};

// NULL where there is none: not an error, and said once in the log. Threads: any.
const Cudnn* cudnn();

// Throws the Error for a status that is not 0.
void check(const char* symbol, int status);
template <typename... Args>
void call(const Call<int(Args...)>& function, std::type_identity_t<Args>... args) {
  check(function.symbol, function.raw(args...));
}

}  // namespace rlx::simt::cudnn
