// The CUDA libraries that this process has, as tables of calls, and how they are given HIP's names.
#pragma once

#include "cuda/libraries.hpp"
#include "driver.hpp"

#define SHIM_EXPORT __attribute__((visibility("default")))

namespace shim {

// What a call answers without its library: the number of a stub for linking.
constexpr int kNoLibrary = 34;

// NULL when there is none, or when it lacks a symbol. Threads: any.
const rlx::simt::Driver* driver();
const rlx::simt::Compiler* compiler();

}  // namespace shim
