// The little of SPIR-V's binary form that is needed to take a module apart and to write calls. Numbers are those of the
// specification (Khronos, SPIR-V 1.5).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

namespace rlx::vulkan::spirv {

using Words = std::span<const uint32_t>;

constexpr size_t kHeaderWords = 5, kBoundWord = 3;

enum Op : uint32_t {
  kSource = 3,
  kSourceExtension = 4,
  kName = 5,
  kMemberName = 6,
  kEntryPoint = 15,
  kTypeVoid = 19,
  kTypeInt = 21,
  kTypeFloat = 22,
  kTypeFunction = 33,
  kConstant = 43,
  kConstantNull = 46,
  kFunction = 54,
  kFunctionParameter = 55,
  kFunctionEnd = 56,
  kFunctionCall = 57,
  kStore = 62,
  kDecorate = 71,
  kLoopMerge = 246,
  kSelectionMerge = 247,
  kLabel = 248,
  kBranch = 249,
  kBranchConditional = 250,
  kSwitch = 251,
  kReturn = 253,
  kReturnValue = 254,
  kUnreachable = 255,
};

// An instruction with its operands: words[0] has its length and its Op.
struct Instruction {
  Words words;
  uint32_t op() const { return words[0] & 0xffff; }
  uint32_t operator[](size_t i) const { return words[i]; }
};

inline Instruction first_instruction(Words code) {
  return {code.first(code[0] >> 16)};
}

// Calls fn with each instruction of code that has no header.
template <typename Fn>
void for_each_instruction(Words code, Fn&& fn) {
  for (size_t at = 0; at < code.size(); at += code[at] >> 16) fn(first_instruction(code.subspan(at)));
}

// The id that an instruction of a function defines, 0 for none. Knows what compute shaders contain.
inline uint32_t defined_id(const Instruction& i) {
  switch (i.op()) {
    case kFunctionEnd:
    case kStore:
    case kLoopMerge:
    case kSelectionMerge:
    case kBranch:
    case kBranchConditional:
    case kSwitch:
    case kReturn:
    case kReturnValue:
    case kUnreachable:
      return 0;
    case kLabel:
      return i[1];
    default:
      return i[2];
  }
}

inline void append(std::vector<uint32_t>& code, Op op, std::initializer_list<uint32_t> operands) {
  code.push_back(static_cast<uint32_t>(operands.size() + 1) << 16 | op);
  code.insert(code.end(), operands);
}

inline void append(std::vector<uint32_t>& code, Words words) {
  code.insert(code.end(), words.begin(), words.end());
}

}  // namespace rlx::vulkan::spirv
