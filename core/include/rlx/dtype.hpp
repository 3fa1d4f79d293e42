// Element types. The numbers are the ABI's.
#pragma once

#include <rlx/base.h>
#include <rlx/export.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rlx {

enum class DType : uint32_t {
  kF32 = RLX_DTYPE_F32,
  kF16 = RLX_DTYPE_F16,
  kBF16 = RLX_DTYPE_BF16,
  kF64 = RLX_DTYPE_F64,
  kI8 = RLX_DTYPE_I8,
  kI16 = RLX_DTYPE_I16,
  kI32 = RLX_DTYPE_I32,
  kI64 = RLX_DTYPE_I64,
  kU8 = RLX_DTYPE_U8,
  kU16 = RLX_DTYPE_U16,
  kU32 = RLX_DTYPE_U32,
  kU64 = RLX_DTYPE_U64,
  kBool = RLX_DTYPE_BOOL,
  kC64 = RLX_DTYPE_C64,
};

inline constexpr uint32_t kDTypeMin = RLX_DTYPE_F32;
inline constexpr uint32_t kDTypeMax = RLX_DTYPE_C64;

constexpr bool is_valid(DType t) {
  return static_cast<uint32_t>(t) >= kDTypeMin && static_cast<uint32_t>(t) <= kDTypeMax;
}

// Bytes per element; 0 for a number that is no dtype.
constexpr size_t size_of(DType t) {
  switch (t) {
    case DType::kF64:
    case DType::kI64:
    case DType::kU64:
    case DType::kC64:
      return 8;
    case DType::kF32:
    case DType::kI32:
    case DType::kU32:
      return 4;
    case DType::kF16:
    case DType::kBF16:
    case DType::kI16:
    case DType::kU16:
      return 2;
    case DType::kI8:
    case DType::kU8:
    case DType::kBool:
      return 1;
  }
  return 0;
}

constexpr bool is_float(DType t) {
  return t == DType::kF32 || t == DType::kF16 || t == DType::kBF16 || t == DType::kF64;
}
constexpr bool is_signed_int(DType t) {
  return t == DType::kI8 || t == DType::kI16 || t == DType::kI32 || t == DType::kI64;
}
constexpr bool is_unsigned_int(DType t) {
  return t == DType::kU8 || t == DType::kU16 || t == DType::kU32 || t == DType::kU64;
}
constexpr bool is_int(DType t) {
  return is_signed_int(t) || is_unsigned_int(t);
}
constexpr bool is_number(DType t) {
  return is_float(t) || is_int(t);
}

// "f32", "bool", ...; "dtype(77)" is never returned: unknown numbers give "?".
RLX_API std::string_view name_of(DType t);
RLX_API std::optional<DType> parse_dtype(std::string_view name);

}  // namespace rlx
