// The types that kernels compute in. Floats are computed in double and rounded once when they are stored. Integers and
// bool are computed in 64 bits and truncated when they are stored, which is the same as wrapping in their own width.
#pragma once

#include <rlx/sdk/convert.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace rlx::ref {

inline bool is_float(rlx_dtype t) {
  return t == RLX_DTYPE_F32 || t == RLX_DTYPE_F16 || t == RLX_DTYPE_BF16 || t == RLX_DTYPE_F64;
}

// Calls fn with a double, int64_t or uint64_t: the type in which every value of the dtype and its order are exact.
template <typename Fn>
void visit_number(rlx_dtype t, Fn&& fn) {
  if (is_float(t))
    fn(double{});
  else if (t == RLX_DTYPE_U64)
    fn(uint64_t{});
  else
    fn(int64_t{});
}

// For sums and products only: integers wrap, and unsigned arithmetic wraps without being undefined.
template <typename Fn>
void visit_sum(rlx_dtype t, Fn&& fn) {
  if (is_float(t))
    fn(double{});
  else
    fn(uint64_t{});
}

template <typename T>
T add(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  else
    return a + b;
}

template <typename T>
T sub(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
  else
    return a - b;
}

template <typename T>
T mul(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  else
    return a * b;
}

template <typename T>
bool is_nan(T x) {
  if constexpr (std::is_floating_point_v<T>)
    return std::isnan(x);
  else
    return false;
}

// NaN wins.
template <typename T>
T max(T a, T b) {
  return is_nan(a) || a > b ? a : b;
}
template <typename T>
T min(T a, T b) {
  return is_nan(a) || a < b ? a : b;
}

// The order of sort, top_k and arg_reduce: NaN is the largest value.
template <typename T>
bool less(T a, T b) {
  return a < b || (is_nan(b) && !is_nan(a));
}

// The limits of a dtype, infinite for floats.
template <typename T>
T lowest_of(rlx_dtype t) {
  T limit{};
  sdk::visit_dtype(t, [&](auto element) {
    using E = decltype(element);
    if constexpr (std::is_integral_v<E> && std::is_integral_v<T>) limit = static_cast<T>(std::numeric_limits<E>::min());
  });
  if constexpr (std::is_floating_point_v<T>) limit = -std::numeric_limits<T>::infinity();
  return limit;
}
template <typename T>
T highest_of(rlx_dtype t) {
  T limit{1};  // of bool
  sdk::visit_dtype(t, [&](auto element) {
    using E = decltype(element);
    if constexpr (std::is_integral_v<E> && std::is_integral_v<T>) limit = static_cast<T>(std::numeric_limits<E>::max());
  });
  if constexpr (std::is_floating_point_v<T>) limit = std::numeric_limits<T>::infinity();
  return limit;
}

}  // namespace rlx::ref
