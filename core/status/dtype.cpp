// Names of element types.

#include <rlx/dtype.hpp>

#include <array>

namespace rlx {
namespace {

// By number; entry 0 is no dtype.
constexpr std::array<std::string_view, kDTypeMax + 1> kNames = {
    "?", "f32", "f16", "bf16", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool", "c64"};

}  // namespace

std::string_view name_of(DType t) {
  return is_valid(t) ? kNames[static_cast<uint32_t>(t)] : kNames[0];
}

std::optional<DType> parse_dtype(std::string_view name) {
  for (uint32_t i = kDTypeMin; i <= kDTypeMax; ++i)
    if (kNames[i] == name) return static_cast<DType>(i);
  return std::nullopt;
}

}  // namespace rlx
