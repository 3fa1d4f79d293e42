// A straight line of elementwise steps, run block by block so that values between steps stay in the first-level cache:
// a vectorised interpreter. fused_elementwise is such a line; a single elementwise node is a line of one step plus the
// conversions around it. Made once with the kernel, immutable afterwards.
#pragma once

#include "kernels/step.hpp"

#include <rlx/sdk/program_view.hpp>

#include <string>
#include <vector>

namespace rlx::cpu {

class BlockProgram {
 public:
  static constexpr size_t kMaxValues = 160;

  // The program of a node, fused or not. False: why says what has no step.
  bool compile(const sdk::NodeView& node, std::string& why);

  // Fixes which inputs are one element (whole blocks of one value); call once after compile.
  void place(const std::vector<bool>& scalar_inputs);

  size_t input_count() const { return inputs_; }
  size_t output_count() const { return outputs_; }
  size_t step_count() const { return steps_.size(); }
  // For an in-place node: true when no step reads input i after the step that writes output 0.
  bool may_overwrite(size_t input) const;

  uint64_t block() const { return block_; }                  // elements per block
  uint64_t scratch_bytes() const { return scratch_bytes_; }  // per thread

  // count <= block(). inputs and outputs point at the block's first element.
  void run(const std::byte* const* inputs, std::byte* const* outputs, size_t count, std::byte* scratch) const;

  // The one step, when the program is nothing else and reads the inputs in order; NULL otherwise.
  StepFn only_step() const;
  StepArgs only_args() const { return steps_[0].args; }

 private:
  // A value: an input, an output, a constant of the program or a temporary.
  enum class Where : uint8_t { kInput, kOutput, kConstant, kTemporary };
  struct Value {
    Where where;
    bool scalar;
    rlx_dtype dtype;
    uint64_t index;  // of the input, output or constant; byte offset of a temporary in scratch
  };
  struct Step {
    StepFn fn;
    std::vector<uint32_t> in;
    uint32_t out;
    StepArgs args;
  };
  friend class BlockCompiler;
  bool all_scalar(const Step& step) const;
  void spread_scalar_outputs();
  void assign_slots();

  std::vector<Value> values_;
  std::vector<Step> steps_;
  std::vector<uint64_t> constants_;
  size_t inputs_ = 0, outputs_ = 0;
  uint64_t block_ = 0, scratch_bytes_ = 0;
};

}  // namespace rlx::cpu
