// Short spellings of attribute specs for the schema tables. Without a default the attribute is required, or the
// inference function fills it in.
#pragma once

#include <rlx/op.hpp>

#include <string>

namespace rlx::ops {

inline constexpr uint8_t kAnyNumber = 255;

inline AttrSpec int_attr(std::string_view name) {
  return {name, AttrType::kInt, std::nullopt};
}
inline AttrSpec int_attr(std::string_view name, int64_t fallback) {
  return {name, AttrType::kInt, AttrValue(fallback)};
}
inline AttrSpec flag_attr(std::string_view name) {
  return int_attr(name);
}
inline AttrSpec flag_attr(std::string_view name, bool fallback) {
  return int_attr(name, fallback ? 1 : 0);
}
inline AttrSpec ints_attr(std::string_view name) {
  return {name, AttrType::kInts, std::nullopt};
}
// Empty by default: the inference function knows the length and fills the list.
inline AttrSpec optional_ints_attr(std::string_view name) {
  return {name, AttrType::kInts, AttrValue(std::vector<int64_t>())};
}
inline AttrSpec float_attr(std::string_view name) {
  return {name, AttrType::kFloat, std::nullopt};
}
inline AttrSpec float_attr(std::string_view name, double fallback) {
  return {name, AttrType::kFloat, AttrValue(fallback)};
}
inline AttrSpec optional_floats_attr(std::string_view name) {
  return {name, AttrType::kFloats, AttrValue(std::vector<double>())};
}
inline AttrSpec string_attr(std::string_view name) {
  return {name, AttrType::kString, std::nullopt};
}
inline AttrSpec choice_attr(std::string_view name, std::vector<std::string_view> choices) {
  return {name, AttrType::kString, std::nullopt, std::move(choices)};
}
inline AttrSpec choice_attr(std::string_view name, std::vector<std::string_view> choices, std::string_view fallback) {
  return {name, AttrType::kString, AttrValue(std::string(fallback)), std::move(choices)};
}
inline AttrSpec dtype_attr(std::string_view name) {
  return {name, AttrType::kDType, std::nullopt};
}
inline AttrSpec dtype_attr(std::string_view name, DType fallback) {
  return {name, AttrType::kDType, AttrValue(fallback)};
}
inline AttrSpec literal_attr(std::string_view name) {
  return {name, AttrType::kLiteral, std::nullopt};
}

}  // namespace rlx::ops
