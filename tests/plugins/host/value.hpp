// A tensor with its bytes, as tests write them down: tensor(RLX_DTYPE_F16, {2, 2}, {1, 2, 3, 4}).
#pragma once

#include <rlx/sdk/convert.hpp>
#include <rlx/sdk/program_view.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tests {

using Dims = std::vector<uint64_t>;

struct Type {
  rlx_dtype dtype;
  Dims dims;
};

struct Value {
  rlx_dtype dtype = 0;
  Dims dims;
  std::vector<std::byte> bytes;

  size_t elements() const { return bytes.size() / rlx::sdk::dtype_size(dtype); }
};

constexpr rlx_dtype kF32 = RLX_DTYPE_F32, kF16 = RLX_DTYPE_F16, kBF16 = RLX_DTYPE_BF16, kF64 = RLX_DTYPE_F64;
constexpr rlx_dtype kI8 = RLX_DTYPE_I8, kI16 = RLX_DTYPE_I16, kI32 = RLX_DTYPE_I32, kI64 = RLX_DTYPE_I64;
constexpr rlx_dtype kU8 = RLX_DTYPE_U8, kU16 = RLX_DTYPE_U16, kU32 = RLX_DTYPE_U32, kU64 = RLX_DTYPE_U64;
constexpr rlx_dtype kBool = RLX_DTYPE_BOOL, kC64 = RLX_DTYPE_C64;

template <typename T>
constexpr rlx_dtype dtype_of() {
  if constexpr (std::is_same_v<T, float>) return kF32;
  if constexpr (std::is_same_v<T, double>) return kF64;
  if constexpr (std::is_same_v<T, int64_t>) return kI64;
  if constexpr (std::is_same_v<T, uint64_t>) return kU64;
  if constexpr (std::is_same_v<T, rlx::sdk::C64>) return kC64;
}

template <typename T>
Value value_of(rlx_dtype dtype, Dims dims, const std::vector<T>& elements) {
  Value v{dtype, std::move(dims), std::vector<std::byte>(elements.size() * rlx::sdk::dtype_size(dtype))};
  rlx::sdk::convert(dtype_of<T>(), elements.data(), dtype, v.bytes.data(), elements.size());
  return v;
}

// From numbers; integers too large for a double are given with integers().
inline Value tensor(rlx_dtype dtype, Dims dims, const std::vector<double>& elements) {
  return value_of(dtype, std::move(dims), elements);
}
inline Value integers(rlx_dtype dtype, Dims dims, const std::vector<int64_t>& elements) {
  return value_of(dtype, std::move(dims), elements);
}
inline Value f32(Dims dims, const std::vector<double>& elements) {
  return tensor(kF32, std::move(dims), elements);
}
inline Value i64(Dims dims, const std::vector<int64_t>& elements) {
  return integers(kI64, std::move(dims), elements);
}
// start, start + step, …
inline Value iota(rlx_dtype dtype, Dims dims, double start = 0, double step = 1) {
  size_t count = 1;
  for (uint64_t d : dims) count *= d;
  std::vector<double> elements(count);
  for (size_t i = 0; i < count; ++i) elements[i] = start + step * static_cast<double>(i);
  return tensor(dtype, std::move(dims), elements);
}

template <typename T>
std::vector<T> elements_as(const Value& v) {
  std::vector<T> elements(v.elements());
  rlx::sdk::convert(v.dtype, v.bytes.data(), dtype_of<T>(), elements.data(), elements.size());
  return elements;
}
inline std::vector<double> numbers(const Value& v) {
  return elements_as<double>(v);
}
inline std::vector<int64_t> ints(const Value& v) {
  return elements_as<int64_t>(v);
}

}  // namespace tests
