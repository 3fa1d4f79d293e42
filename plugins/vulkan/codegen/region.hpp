// An elementwise program before it is a shader: what is read, which functions of the library are called, what is
// written. Equal programs share a pipeline, so nothing here depends on shapes.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <vector>

namespace rlx::vulkan {

struct RegionValue {
  enum class Of : uint32_t { kNothing, kInput, kConstant, kStep };
  Of of = Of::kNothing;
  uint32_t number = 0;
  auto operator<=>(const RegionValue&) const = default;
};

struct RegionConstant {
  enum class Type : uint32_t { kFloat, kInt, kUint };
  Type type;
  uint64_t bits;
  auto operator<=>(const RegionConstant&) const = default;
};

struct RegionStep {
  uint32_t function;
  std::array<RegionValue, 3> args;  // what is missing is 0
  auto operator<=>(const RegionStep&) const = default;
};

// Elements as values, or values as elements of a dtype.
struct RegionInput {
  uint32_t function, dtype;
  auto operator<=>(const RegionInput&) const = default;
};
struct RegionOutput {
  uint32_t function, dtype;
  RegionValue value;
  auto operator<=>(const RegionOutput&) const = default;
};

struct Region {
  std::vector<RegionInput> inputs;
  std::vector<RegionConstant> constants;
  std::vector<RegionStep> steps;
  std::vector<RegionOutput> outputs;
  auto operator<=>(const Region&) const = default;
};

}  // namespace rlx::vulkan
