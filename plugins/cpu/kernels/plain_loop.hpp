// Loops of the steps that are templates over the element type. The three shapes of a binary loop are written out so
// that the compiler vectorises each.
#pragma once

#include "kernels/step.hpp"

#include <rlx/sdk/convert.hpp>

#include <type_traits>

namespace rlx::cpu {

template <typename From, typename To, typename Op>
void unary_loop(const StepArgs& s) {
  const From* x = static_cast<const From*>(s.in[0]);
  To* y = static_cast<To*>(s.out);
  for (size_t i = 0; i < s.count; ++i) y[i] = Op::of(x[i], s);
}

template <typename From, typename To, typename Op>
void binary_loop(const StepArgs& s) {
  const From *a = static_cast<const From*>(s.in[0]), *b = static_cast<const From*>(s.in[1]);
  To* y = static_cast<To*>(s.out);
  const size_t n = s.count;
  if (n == 0) return;
  if (s.scalar[0] && s.scalar[1]) {
    const To value = Op::of(*a, *b);
    for (size_t i = 0; i < n; ++i) y[i] = value;
  } else if (s.scalar[1]) {
    const From right = *b;
    for (size_t i = 0; i < n; ++i) y[i] = Op::of(a[i], right);
  } else if (s.scalar[0]) {
    const From left = *a;
    for (size_t i = 0; i < n; ++i) y[i] = Op::of(left, b[i]);
  } else {
    for (size_t i = 0; i < n; ++i) y[i] = Op::of(a[i], b[i]);
  }
}

// Calls fn with a value of a number's C++ type as steps see it (no f16, bf16, bool, c64); false for other dtypes.
template <typename Fn>
bool visit_number(rlx_dtype dtype, Fn&& fn) {
  bool known = false;
  sdk::visit_dtype(dtype, [&](auto v) {
    if constexpr (std::is_arithmetic_v<decltype(v)>) {
      fn(v);
      known = true;
    }
  });
  return known;
}

}  // namespace rlx::cpu
