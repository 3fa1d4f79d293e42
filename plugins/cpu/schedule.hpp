// A compiled program: which kernels run in which order, in which layout every tensor is, and where it lies in the
// arena. Plain data besides the kernels; immutable once compile() returns, except for what kernels do in prepare().
#pragma once

#include "kernel.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rlx::cpu {

// A tensor of the program, or a copy in another layout that the compiler added (numbers from the program's count on).
struct TensorPlan {
  rlx_tensor desc;   // name and data are cleared
  std::string name;  // inputs, outputs, parameters, states
  Layout layout = Layout::kPlain;
  uint32_t root = RLX_NO_INDEX;           // whose memory it shares; itself when it has its own
  uint64_t root_offset = 0;               // bytes from the root's start
  uint64_t bytes = 0;                     // in its layout
  uint64_t arena_offset = RLX_NO_OFFSET;  // roots that live in the arena
  bool in_main = false;                   // false: only inside a region's body, has no memory
};

struct Step {
  std::unique_ptr<Kernel> kernel;
  std::string op, node;                   // for messages and profiles
  std::vector<uint32_t> inputs, outputs;  // tensors; RLX_NO_INDEX for an absent input
  uint32_t overwrites = 0;                // from the claim
  uint64_t scratch_bytes = 0;             // for the executable's thread count
  uint64_t scratch_offset = 0;
};

struct Schedule {
  std::vector<TensorPlan> tensors;
  std::vector<Step> steps;
  std::vector<uint32_t> inputs, outputs, states;  // of the program
  uint64_t arena_bytes = 0;
  uint64_t lower_bound = 0;
  uint64_t scratch_bytes = 0;  // largest of the steps

  // What a step reads and writes, in its tensors' layouts.
  uint64_t operand_bytes(const Step& step) const;
};

// Chooses kernels and layouts, then plans memory. Throws sdk::Error: UNIMPLEMENTED naming the node that no kernel
// takes.
Schedule compile_schedule(const rlx_program& program, const CpuInfo& cpu, unsigned threads);

// Fills the arena offsets of a schedule.
void plan_arena(Schedule& schedule);

}  // namespace rlx::cpu
