// Parameters and constants of one executable: held once, shared by all contexts. A kernel that reads a packed copy asks
// for it here in prepare(); equal packings of one tensor are made once, and plain bytes that nobody reads are freed.
#pragma once

#include <rlx/sdk/program_view.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace rlx::cpu {

// How to turn plain bytes into packed ones. key names the result: equal keys of one tensor share one copy.
struct Packing {
  std::string key;  // "f32 panels of 16"
  uint64_t bytes;
  std::function<void(const std::byte* plain, std::byte* packed)> pack;
  // The way back, for set_param_range; empty: the plain bytes of a parameter are kept.
  std::function<void(const std::byte* packed, std::byte* plain)> unpack;
};

// The face that Kernel::prepare sees; inputs are those of the kernel's node.
class Weights {
 public:
  virtual ~Weights() = default;
  // The plain row-major bytes; valid during prepare() (and in runs, when the kernel reads() that input).
  virtual const std::byte* plain(uint32_t input) const = 0;
  // The packed copy, 64-byte aligned. The address stays the same as long as the executable lives.
  virtual const std::byte* packed(uint32_t input, const Packing& packing) = 0;
};

}  // namespace rlx::cpu
