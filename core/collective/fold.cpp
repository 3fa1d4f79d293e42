#include "collective/fold.hpp"

#include "status/format.hpp"

#include <rlx/sdk/convert.hpp>

#include <algorithm>
#include <cstring>

// Exact aliases are allowed, which compilers cannot know; other overlaps are not.
#if defined(__clang__)
#define RLX_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
// Builds for debugging leave the loops as they are, which clang would report for each of them.
#pragma clang diagnostic ignored "-Wpass-failed"
#else
#define RLX_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace rlx::collective {
namespace {

using sdk::Bool;
using sdk::C64;

struct Sum {
  template <typename T>
  static T of(T a, T b) {
    // Integers wrap.
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) + static_cast<std::make_unsigned_t<T>>(b));
    else
      return a + b;
  }
  static C64 of(C64 a, C64 b) { return {a.re + b.re, a.im + b.im}; }
};
struct Prod {
  template <typename T>
  static T of(T a, T b) {
    // In 64 bits, because narrow unsigned operands would be promoted to int, which overflows.
    if constexpr (std::is_integral_v<T>)
      return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
    else
      return a * b;
  }
  static C64 of(C64 a, C64 b) { return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re}; }
};
// NaN in either operand wins.
struct Min {
  template <typename T>
  static T of(T a, T b) {
    return a < b || a != a ? a : b;
  }
};
struct Max {
  template <typename T>
  static T of(T a, T b) {
    return a > b || a != a ? a : b;
  }
};
struct And {
  static Bool of(Bool a, Bool b) { return {static_cast<uint8_t>(a.value && b.value)}; }
};
struct Or {
  static Bool of(Bool a, Bool b) { return {static_cast<uint8_t>(a.value || b.value)}; }
};

template <typename Op, typename T>
void combine_elements(void* dst, const void* a, const void* b, size_t count) {
  auto* d = static_cast<T*>(dst);
  const auto *x = static_cast<const T*>(a), *y = static_cast<const T*>(b);
  RLX_INDEPENDENT
  for (size_t i = 0; i < count; ++i) d[i] = Op::of(x[i], y[i]);
}

template <typename Op>
Combine for_numbers(DType dtype) {
  Combine combine = nullptr;
  sdk::visit_dtype(static_cast<rlx_dtype>(dtype), [&](auto t) {
    using T = decltype(t);
    if constexpr (std::is_arithmetic_v<T>) combine = combine_elements<Op, T>;
  });
  return combine;
}

Combine find_combine(Reduction op, DType work) {
  const bool complex = work == DType::kC64, boolean = work == DType::kBool;
  switch (op) {
    case Reduction::kSum:
    case Reduction::kMean:
      return complex ? combine_elements<Sum, C64> : for_numbers<Sum>(work);
    case Reduction::kProd:
      return complex ? combine_elements<Prod, C64> : for_numbers<Prod>(work);
    case Reduction::kMin:
      return for_numbers<Min>(work);
    case Reduction::kMax:
      return for_numbers<Max>(work);
    case Reduction::kAnd:
      return boolean ? combine_elements<And, Bool> : nullptr;
    case Reduction::kOr:
      return boolean ? combine_elements<Or, Bool> : nullptr;
  }
  return nullptr;
}

template <typename T>
void divide_elements(char* data, size_t count, double divisor) {
  auto* d = reinterpret_cast<T*>(data);
  const T by = static_cast<T>(divisor);
  for (size_t i = 0; i < count; ++i) d[i] /= by;
}

// Large enough to hide the loop around it, small enough for the first cache.
constexpr size_t kFoldBytes = 4096;

void fold_wide(const Fold& how, std::span<const char* const> srcs, char* dst, size_t count) {
  constexpr size_t kBlock = kFoldBytes / sizeof(float);
  float sum[kBlock], next[kBlock];
  const auto narrow = static_cast<rlx_dtype>(how.dtype);
  for (size_t at = 0; at < count; at += kBlock) {
    const size_t n = std::min(kBlock, count - at);
    sdk::convert(narrow, srcs[0] + at * how.element(), RLX_DTYPE_F32, sum, n);
    for (size_t s = 1; s < srcs.size(); ++s) {
      sdk::convert(narrow, srcs[s] + at * how.element(), RLX_DTYPE_F32, next, n);
      how.combine(sum, sum, next, n);
    }
    divide(how, reinterpret_cast<char*>(sum), n);
    sdk::convert(RLX_DTYPE_F32, sum, narrow, dst + at * how.element(), n);
  }
}

}  // namespace

Result<Fold> make_fold(std::string_view name, Reduction op, DType dtype, uint32_t ranks) {
  if (!is_valid(dtype))
    return fail(Code::kInvalidArgument, "{}: dtype {} does not exist", name, static_cast<uint32_t>(dtype));
  Fold how;
  how.dtype = dtype;
  how.work = dtype == DType::kF16 || dtype == DType::kBF16 ? DType::kF32 : dtype;
  if (op == Reduction::kMean) {
    if (is_int(dtype))
      return error(Code::kInvalidArgument, fmt::format("{}: mean of {} would not be exact", name, name_of(dtype)),
                   "use sum and divide as the program needs it");
    how.divisor = ranks;
  }
  how.combine = find_combine(op, how.work);
  if (!how.combine)
    return fail(Code::kInvalidArgument, "{}: {} of {} is not defined", name, name_of(op), name_of(dtype));
  return how;
}

void divide(const Fold& how, char* data, size_t count) {
  if (how.divisor == 1) return;
  if (how.work == DType::kF64) return divide_elements<double>(data, count, how.divisor);
  divide_elements<float>(data, how.work == DType::kC64 ? 2 * count : count, how.divisor);
}

void fold(const Fold& how, std::span<const char* const> srcs, char* dst, size_t count) {
  if (how.widens()) return fold_wide(how, srcs, dst, count);
  const size_t element = how.element();
  if (srcs.size() == 1) {
    if (count && dst != srcs[0]) std::memmove(dst, srcs[0], count * element);
    return divide(how, dst, count);
  }
  if (srcs.size() == 2) {
    how.combine(dst, srcs[0], srcs[1], count);
    return divide(how, dst, count);
  }
  // Not into dst at once: it may be a source whose turn has not come.
  alignas(64) char sum[kFoldBytes];
  const size_t block = kFoldBytes / element;
  for (size_t at = 0; at < count; at += block) {
    const size_t n = std::min(block, count - at), offset = at * element;
    how.combine(sum, srcs[0] + offset, srcs[1] + offset, n);
    for (size_t s = 2; s + 1 < srcs.size(); ++s) how.combine(sum, sum, srcs[s] + offset, n);
    how.combine(dst + offset, sum, srcs.back() + offset, n);
    divide(how, dst + offset, n);
  }
}

}  // namespace rlx::collective
