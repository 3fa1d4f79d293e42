// Element conversion by the rules of the op `cast` (docs/ops.md): half-to-even, saturating float to int, NaN to 0,
// wrapping int to int. Shared by the host and by plugins so that both round alike.
#pragma once

#include <rlx/base.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

namespace rlx::sdk {

struct F16 {
  uint16_t bits;
};
struct BF16 {
  uint16_t bits;
};
struct Bool {
  uint8_t value;
};
struct C64 {
  float re, im;
};

inline float to_float(F16 h) {
  const uint32_t sign = uint32_t{h.bits & 0x8000u} << 16;
  const uint32_t exponent = (h.bits >> 10) & 0x1f, mantissa = h.bits & 0x3ff;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | (mantissa << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (mantissa << 13));
  const float tiny = static_cast<float>(mantissa) * 0x1p-24f;
  return sign ? -tiny : tiny;
}

inline F16 to_f16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint16_t sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return {static_cast<uint16_t>(sign | 0x7e00u)};
  if (magnitude >= 0x477ff000u) return {static_cast<uint16_t>(sign | 0x7c00u)};  // rounds to 65536 or more
  if (magnitude < 0x38800000u) {  // below the smallest normal half: the float adder rounds half-to-even for us
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return {static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(0.5f)))};
  }
  const uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return {static_cast<uint16_t>(sign | ((rounded - 0x38000000u) >> 13))};
}

inline float to_float(BF16 b) {
  return std::bit_cast<float>(uint32_t{b.bits} << 16);
}

inline BF16 to_bf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return {static_cast<uint16_t>((bits >> 16) | 0x40u)};
  return {static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16)};
}

// double to half goes through float rounded to odd, so that no value is rounded twice.
inline float round_to_odd(double value) {
  const float f = static_cast<float>(value);
  if (!std::isfinite(f) || static_cast<double>(f) == value) return f;
  uint32_t bits = std::bit_cast<uint32_t>(f);
  if (bits & 1u) return f;
  const bool too_large = std::fabs(static_cast<double>(f)) > std::fabs(value);
  return std::bit_cast<float>(too_large ? bits - 1u : bits + 1u);
}

template <typename To, typename From>
To cast_to(From x) {
  if constexpr (std::is_same_v<To, From> && !std::is_same_v<From, Bool>) {
    return x;
  } else if constexpr (std::is_same_v<From, F16> || std::is_same_v<From, BF16>) {
    return cast_to<To>(to_float(x));
  } else if constexpr (std::is_same_v<From, Bool>) {
    return cast_to<To>(static_cast<uint8_t>(x.value != 0));
  } else if constexpr (std::is_same_v<From, C64>) {
    if constexpr (std::is_same_v<To, Bool>)
      return Bool{x.re != 0 || x.im != 0};
    else
      return cast_to<To>(x.re);
  } else if constexpr (std::is_same_v<To, Bool>) {
    return Bool{x != 0};
  } else if constexpr (std::is_same_v<To, C64>) {
    return C64{cast_to<float>(x), 0.0f};
  } else if constexpr (std::is_same_v<To, F16>) {
    if constexpr (std::is_same_v<From, float>)
      return to_f16(x);
    else
      return to_f16(round_to_odd(static_cast<double>(x)));
  } else if constexpr (std::is_same_v<To, BF16>) {
    if constexpr (std::is_same_v<From, float>)
      return to_bf16(x);
    else
      return to_bf16(round_to_odd(static_cast<double>(x)));
  } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
    if (std::isnan(x)) return To{0};
    // The limits as From may round up to 2^n, which is already out of range: hence >=.
    if (x >= static_cast<From>(std::numeric_limits<To>::max())) return std::numeric_limits<To>::max();
    if (x <= static_cast<From>(std::numeric_limits<To>::min())) return std::numeric_limits<To>::min();
    return static_cast<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

// Calls fn with a value of the C++ type of a dtype; false for a number that is no dtype.
template <typename Fn>
bool visit_dtype(rlx_dtype t, Fn&& fn) {
  switch (t) {
    case RLX_DTYPE_F32:
      fn(float{});
      return true;
    case RLX_DTYPE_F16:
      fn(F16{});
      return true;
    case RLX_DTYPE_BF16:
      fn(BF16{});
      return true;
    case RLX_DTYPE_F64:
      fn(double{});
      return true;
    case RLX_DTYPE_I8:
      fn(int8_t{});
      return true;
    case RLX_DTYPE_I16:
      fn(int16_t{});
      return true;
    case RLX_DTYPE_I32:
      fn(int32_t{});
      return true;
    case RLX_DTYPE_I64:
      fn(int64_t{});
      return true;
    case RLX_DTYPE_U8:
      fn(uint8_t{});
      return true;
    case RLX_DTYPE_U16:
      fn(uint16_t{});
      return true;
    case RLX_DTYPE_U32:
      fn(uint32_t{});
      return true;
    case RLX_DTYPE_U64:
      fn(uint64_t{});
      return true;
    case RLX_DTYPE_BOOL:
      fn(Bool{});
      return true;
    case RLX_DTYPE_C64:
      fn(C64{});
      return true;
    default:
      return false;
  }
}

template <typename From, typename To>
void convert_elements(const void* src, void* dst, uint64_t count) {
  if constexpr (std::is_same_v<From, To> && !std::is_same_v<From, Bool>) {
    if (count) std::memcpy(dst, src, count * sizeof(From));
  } else {
    const char* in = static_cast<const char*>(src);
    char* out = static_cast<char*>(dst);
    for (uint64_t i = 0; i < count; ++i) {
      From x;
      std::memcpy(&x, in + i * sizeof(From), sizeof x);
      const To y = cast_to<To>(x);
      std::memcpy(out + i * sizeof(To), &y, sizeof y);
    }
  }
}

// Any alignment; ranges do not overlap. False when a dtype is unknown.
inline bool convert(rlx_dtype from, const void* src, rlx_dtype to, void* dst, uint64_t count) {
  bool known = false;
  visit_dtype(from, [&](auto s) {
    using From = decltype(s);
    known = visit_dtype(to, [&](auto d) { convert_elements<From, decltype(d)>(src, dst, count); });
  });
  return known;
}

}  // namespace rlx::sdk
