// A step is one elementwise operation over a block of elements that lies in the first-level cache: the instruction of
// block_program.hpp and, for a node that needs nothing else, the whole kernel. Found by name once, when a kernel is
// made.
#pragma once

#include <rlx/base.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rlx::cpu {

// Operands have their dtype's alignment at most. The output may be one of the inputs when element sizes agree.
struct StepArgs {
  const void* in[3];
  bool scalar[3];  // the operand is one element, used for all
  void* out;
  size_t count;
  double alpha, beta;
};
using StepFn = void (*)(const StepArgs&);

// Steps compute in f32, f64, the integers and bool; f16 and bf16 are converted around them.
constexpr rlx_dtype lane_dtype(rlx_dtype t) {
  return t == RLX_DTYPE_F16 || t == RLX_DTYPE_BF16 ? rlx_dtype{RLX_DTYPE_F32} : t;
}

// NULL when there is none: the kind is unknown or does not take the dtype.
StepFn find_unary_step(std::string_view kind, rlx_dtype dtype);
StepFn find_binary_step(std::string_view kind, rlx_dtype dtype);
StepFn find_compare_step(std::string_view kind, rlx_dtype dtype);  // writes bool
StepFn find_where_step(rlx_dtype dtype);                           // in: bool, a, b
StepFn find_clamp_step(rlx_dtype dtype);                           // in: x, lo, hi
StepFn find_convert_step(rlx_dtype from, rlx_dtype to);            // equal dtypes: a copy that also spreads a scalar

// The vectorised part of the above, for this processor.
StepFn find_unary_step_f32(std::string_view kind);
StepFn find_binary_step_f32(std::string_view kind);

}  // namespace rlx::cpu
