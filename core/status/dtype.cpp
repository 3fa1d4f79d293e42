// Names of element types.
#include <rlx/dtype.hpp>

#include <array>

namespace rlx {
namespace {

constexpr std::array<std::string_view, kDTypeMax - kDTypeMin + 1> kNames = {
    "f32", "f16", "bf16", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "bool", "c64"};
static_assert(static_cast<uint32_t>(DType::kC64) - kDTypeMin + 1 == kNames.size());

}  // namespace

std::string_view name_of(DType t) {
  return is_valid(t) ? kNames[static_cast<uint32_t>(t) - kDTypeMin] : "?";
}

std::optional<DType> parse_dtype(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return static_cast<DType>(kDTypeMin + i);
  return std::nullopt;
}

}  // namespace rlx
