// Integer arithmetic of docs/ops.md: wrapping, division by zero gives 0, `mod` has the divisor's sign.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace rlx::cpu {

// Wide and unsigned: neither signed overflow nor the promotion of u16 to int can bite.
template <typename T>
uint64_t wide(T x) {
  return static_cast<uint64_t>(x);
}

template <typename T>
T int_div(T a, T b) {
  if (b == 0) return 0;
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return static_cast<T>(0 - wide(a));
  return static_cast<T>(a / b);
}

template <typename T>
T int_fmod(T a, T b) {
  if (b == 0) return 0;
  if constexpr (std::is_signed_v<T>)
    if (b == -1) return 0;
  return static_cast<T>(a % b);
}

template <typename T>
T int_mod(T a, T b) {
  const T r = int_fmod(a, b);
  if constexpr (std::is_signed_v<T>)
    if (r != 0 && (r < 0) != (b < 0)) return static_cast<T>(r + b);
  return r;
}

template <typename T>
T float_mod(T a, T b) {
  const T r = std::fmod(a, b);
  if (r != 0 && (r < 0) != (b < 0)) return r + b;
  return r == 0 ? std::copysign(r, b) : r;
}

// Modulo 2^n; a negative exponent gives 0 except for bases 1 and -1.
template <typename T>
T int_pow(T base, T exponent) {
  if constexpr (std::is_signed_v<T>) {
    if (exponent < 0) {
      if (base == 1) return 1;
      if (base == -1) return exponent % 2 == 0 ? T{1} : T{-1};
      return 0;
    }
  }
  uint64_t result = 1, square = wide(base);
  for (uint64_t e = wide(exponent); e; e >>= 1, square *= square)
    if (e & 1) result *= square;
  return static_cast<T>(result);
}

template <typename T>
T int_shl(T a, T b) {
  constexpr unsigned kBits = std::numeric_limits<std::make_unsigned_t<T>>::digits;
  return wide(b) >= kBits ? T{0} : static_cast<T>(wide(a) << wide(b));
}

template <typename T>
T int_shr(T a, T b) {
  constexpr unsigned kBits = std::numeric_limits<std::make_unsigned_t<T>>::digits;
  return wide(b) >= kBits ? T{0} : static_cast<T>(a >> wide(b));
}

}  // namespace rlx::cpu
