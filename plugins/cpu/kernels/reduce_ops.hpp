// What a reduction does with elements: an accumulator per output, fed by a contiguous row (one accumulator) or by one
// row after the other (an accumulator per column).
#pragma once

#include <rlx/base.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rlx::cpu {

constexpr size_t kMaxAccumulatorBytes = 16;

struct ReduceOps {
  size_t accumulator_bytes;
  void (*init)(void* acc, size_t n);
  void (*row)(void* acc, const void* x, size_t n);      // n elements into acc[0]
  void (*columns)(void* acc, const void* x, size_t n);  // x[i] into acc[i]
  void (*merge)(void* acc, const void* other);          // one accumulator into another
  void (*finish)(const void* acc, void* y, size_t n, double count);
};

// NULL when the kind does not take the dtype.
const ReduceOps* find_reduce_ops(std::string_view kind, rlx_dtype dtype);

}  // namespace rlx::cpu
