// What alpha and beta of a library's call point to: 1 and 0, in the type that it scales in.
#pragma once

#include <rlx/base.h>

namespace rlx::simt {

template <typename T>
constexpr T kScales[] = {0, 1};

struct Scales {
  const void *zero, *one;
  // dtype: of the operands. f64 is scaled in f64, all else in f32.
  explicit constexpr Scales(rlx_dtype dtype)
      : zero(dtype == RLX_DTYPE_F64 ? static_cast<const void*>(&kScales<double>[0]) : &kScales<float>[0]),
        one(dtype == RLX_DTYPE_F64 ? static_cast<const void*>(&kScales<double>[1]) : &kScales<float>[1]) {}
};

}  // namespace rlx::simt
