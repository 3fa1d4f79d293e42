// How a line of steps runs, and where its temporaries lie.
#include "kernels/block_program.hpp"

#include <algorithm>

namespace rlx::cpu {

namespace {
constexpr uint64_t kTemporaryBytes = 12u << 10;  // leaves room for inputs and outputs in a first-level cache of 32 KiB
constexpr uint64_t kMinBlock = 128, kMaxBlock = 1024;
}  // namespace

bool BlockProgram::may_overwrite(size_t input) const {
  size_t last_read = 0, written = 0;
  for (size_t i = 0; i < steps_.size(); ++i) {
    for (uint32_t v : steps_[i].in)
      if (values_[v].where == Where::kInput && values_[v].index == input) last_read = i;
    const Value& out = values_[steps_[i].out];
    if (out.where == Where::kOutput && out.index == 0) written = i;
  }
  return last_read <= written;
}

bool BlockProgram::all_scalar(const Step& step) const {
  return std::all_of(step.in.begin(), step.in.end(), [&](uint32_t v) { return values_[v].scalar; });
}

// A step computes one element from scalars; an output wants a block of it.
void BlockProgram::spread_scalar_outputs() {
  std::vector<Step> steps;
  for (Step& step : steps_) {
    const bool scalar = all_scalar(step);
    Value& out = values_[step.out];
    if (out.where == Where::kTemporary) {
      out.scalar = scalar;
      steps.push_back(std::move(step));
    } else if (!scalar) {
      steps.push_back(std::move(step));
    } else {
      const uint32_t target = step.out, one = static_cast<uint32_t>(values_.size());
      const rlx_dtype dtype = out.dtype;
      values_.push_back({Where::kTemporary, true, dtype, 0});
      step.out = one;
      steps.push_back(std::move(step));
      steps.push_back({find_convert_step(dtype, dtype), {one}, target, {}});
    }
  }
  steps_ = std::move(steps);
}

// Temporaries share slots as soon as nobody reads them any more.
void BlockProgram::assign_slots() {
  std::vector<size_t> last_use(values_.size(), 0);
  uint64_t widest = 1;
  for (size_t i = 0; i < steps_.size(); ++i) {
    for (uint32_t v : steps_[i].in) last_use[v] = i;
    last_use[steps_[i].out] = std::max(last_use[steps_[i].out], i);
    widest = std::max<uint64_t>(widest, sdk::dtype_size(values_[steps_[i].out].dtype));
  }
  std::vector<uint64_t> free_slots;
  uint64_t slots = 0;
  for (size_t i = 0; i < steps_.size(); ++i) {
    Value& out = values_[steps_[i].out];
    if (out.where == Where::kTemporary) {
      if (free_slots.empty()) free_slots.push_back(slots++);
      out.index = free_slots.back();
      free_slots.pop_back();
    }
    std::vector<uint32_t> read = steps_[i].in;
    std::sort(read.begin(), read.end());
    read.erase(std::unique(read.begin(), read.end()), read.end());
    for (uint32_t v : read)
      if (values_[v].where == Where::kTemporary && last_use[v] == i) free_slots.push_back(values_[v].index);
  }
  const uint64_t fitting = slots ? kTemporaryBytes / (slots * widest) : kMaxBlock;
  block_ = std::clamp(fitting / 64 * 64, kMinBlock, kMaxBlock);
  const uint64_t slot_bytes = block_ * widest;
  scratch_bytes_ = slots * slot_bytes;
  for (Value& v : values_)
    if (v.where == Where::kTemporary) v.index *= slot_bytes;
}

void BlockProgram::place(const std::vector<bool>& scalar_inputs) {
  for (Value& v : values_) {
    if (v.where == Where::kInput) v.scalar = scalar_inputs[v.index];
    if (v.where == Where::kConstant) v.scalar = true;
  }
  spread_scalar_outputs();
  assign_slots();
  for (Step& step : steps_)
    for (size_t i = 0; i < step.in.size(); ++i) step.args.scalar[i] = values_[step.in[i]].scalar;
}

void BlockProgram::run(const std::byte* const* inputs, std::byte* const* outputs, size_t count,
                       std::byte* scratch) const {
  const std::byte* at[kMaxValues];
  for (size_t i = 0; i < values_.size(); ++i) {
    const Value& v = values_[i];
    switch (v.where) {
      case Where::kInput:
        at[i] = inputs[v.index];
        break;
      case Where::kOutput:
        at[i] = outputs[v.index];
        break;
      case Where::kConstant:
        at[i] = reinterpret_cast<const std::byte*>(&constants_[v.index]);
        break;
      case Where::kTemporary:
        at[i] = scratch + v.index;
        break;
    }
  }
  for (const Step& step : steps_) {
    StepArgs args = step.args;
    for (size_t i = 0; i < step.in.size(); ++i) args.in[i] = at[step.in[i]];
    args.out = const_cast<std::byte*>(at[step.out]);
    args.count = values_[step.out].scalar ? 1 : count;
    step.fn(args);
  }
}

StepFn BlockProgram::only_step() const {
  if (steps_.size() != 1 || outputs_ != 1) return nullptr;
  const Step& step = steps_[0];
  size_t next = 0;
  for (uint32_t v : step.in) {
    if (values_[v].where != Where::kInput || values_[v].index != next++) return nullptr;
  }
  return next == inputs_ ? step.fn : nullptr;
}

}  // namespace rlx::cpu
