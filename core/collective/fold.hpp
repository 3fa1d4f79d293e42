// The arithmetic of reductions.
#pragma once

#include <rlx/process_group.hpp>

namespace rlx::collective {

// dst[i] = a[i] op b[i]; dst may be a or b.
using Combine = void (*)(void* dst, const void* a, const void* b, size_t count);

struct Fold {
  DType dtype = DType::kF32;  // of the buffers
  DType work = DType::kF32;   // of what is added up: f32 for f16 and bf16
  Combine combine = nullptr;  // over work
  double divisor = 1;         // of the mean

  bool widens() const { return work != dtype; }
  size_t element() const { return size_of(dtype); }
  // The same over buffers of the working type.
  Fold widened() const { return {work, work, combine, divisor}; }
  Fold without_division() const { return {dtype, work, combine, 1}; }
};

// INVALID_ARGUMENT says what the op cannot be of.
Result<Fold> make_fold(std::string_view name, Reduction op, DType dtype, uint32_t ranks);

// dst[i] = srcs[0][i] op srcs[1][i] op ..., divided, rounded once. dst may be one of the srcs.
void fold(const Fold& how, std::span<const char* const> srcs, char* dst, size_t count);
// Divides elements of the working type.
void divide(const Fold& how, char* data, size_t count);

}  // namespace rlx::collective
