// The functions of <math.h> under one name for f32 and f64. All three compilers bring them without a header of ours.
#pragma once

#include "layer.hpp"

namespace simt {

#define SIMT_MATH(name)             \
  SIMT_DEVICE f32 m_##name(f32 x) { \
    return ::name##f(x);            \
  }                                 \
  SIMT_DEVICE f64 m_##name(f64 x) { \
    return ::name(x);               \
  }
#define SIMT_MATH2(name)                   \
  SIMT_DEVICE f32 m_##name(f32 x, f32 y) { \
    return ::name##f(x, y);                \
  }                                        \
  SIMT_DEVICE f64 m_##name(f64 x, f64 y) { \
    return ::name(x, y);                   \
  }

SIMT_MATH(exp)
SIMT_MATH(expm1)
SIMT_MATH(log)
SIMT_MATH(log1p)
SIMT_MATH(sqrt)
SIMT_MATH(fabs)
SIMT_MATH(floor)
SIMT_MATH(ceil)
SIMT_MATH(rint)
SIMT_MATH(trunc)
SIMT_MATH(sin)
SIMT_MATH(cos)
SIMT_MATH(tan)
SIMT_MATH(asin)
SIMT_MATH(acos)
SIMT_MATH(atan)
SIMT_MATH(sinh)
SIMT_MATH(cosh)
SIMT_MATH(tanh)
SIMT_MATH(asinh)
SIMT_MATH(acosh)
SIMT_MATH(atanh)
SIMT_MATH(erf)
SIMT_MATH(erfc)
SIMT_MATH2(pow)
SIMT_MATH2(fmod)
SIMT_MATH2(atan2)
SIMT_MATH2(copysign)

#undef SIMT_MATH
#undef SIMT_MATH2

}  // namespace simt
