// Elements of a matrix or an image in double, whatever they are in memory. Types are numbered as the library does.
#pragma once

#include <rlx/base.h>
#include <rlx/sdk/convert.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fake {

template <typename Visit>
auto visit_float(rlx_dtype dtype, Visit&& visit) {
  switch (dtype) {
    case RLX_DTYPE_F64:
      return visit(0.0);
    case RLX_DTYPE_F16:
      return visit(rlx::sdk::F16{});
    case RLX_DTYPE_BF16:
      return visit(rlx::sdk::BF16{});
    default:
      return visit(0.0F);
  }
}

inline double load_float(const std::byte* data, int64_t element, rlx_dtype dtype) {
  return visit_float(dtype, [&](auto x) {
    std::memcpy(&x, data + element * static_cast<int64_t>(sizeof x), sizeof x);
    return rlx::sdk::cast_to<double>(x);
  });
}

inline void store_float(std::byte* data, int64_t element, rlx_dtype dtype, double value) {
  visit_float(dtype, [&](auto x) {
    x = rlx::sdk::cast_to<decltype(x)>(value);
    std::memcpy(data + element * static_cast<int64_t>(sizeof x), &x, sizeof x);
  });
}

// What tensor cores make of an f32: 10 bits of mantissa.
inline double as_tf32(double value) {
  const auto bits = std::bit_cast<uint32_t>(static_cast<float>(value));
  return std::bit_cast<float>((bits + 0x1000U) & ~0x1fffU);
}

}  // namespace fake
