// How a library numbers the dtypes of its operands.
#pragma once

#include <rlx/base.h>

namespace rlx::simt {

struct LibraryTypes {
  int f16, bf16, f32, f64;

  // dtype: one of these.
  constexpr int of(rlx_dtype dtype) const {
    switch (dtype) {
      case RLX_DTYPE_F16:
        return f16;
      case RLX_DTYPE_BF16:
        return bf16;
      case RLX_DTYPE_F64:
        return f64;
      default:
        return f32;
    }
  }
};

}  // namespace rlx::simt
