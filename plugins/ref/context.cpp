// Addresses, runs and states of a context.
#include "context.hpp"

#include <rlx/sdk/access.hpp>

#include <chrono>
#include <cstring>

namespace rlx::ref {

using sdk::Error;

Context::Context(Executable& executable) : executable_(executable) {
  memory_ = HostBuffer(executable.program().raw().arena_bytes);
  bound_.resize(executable.program().tensor_count());
  address_.resize(bound_.size());
  resolve();
  reset_state();
}

void Context::resolve() {
  const sdk::ProgramView program = executable_->program();
  for (uint32_t i = 0; i < address_.size(); ++i) {
    const rlx_tensor& t = program.tensor(i);
    const uint32_t root = t.view_of == RLX_NO_INDEX ? i : t.view_of;
    const rlx_tensor& owner = program.tensor(root);
    std::byte* start = bound_[root];
    if (!start && owner.role != RLX_ROLE_STATE) start = executable_->stored(root);
    if (!start && owner.plan_offset != RLX_NO_OFFSET) start = memory_.data() + owner.plan_offset;
    address_[i] = start ? start + (t.view_of == RLX_NO_INDEX ? 0 : t.view_offset) : nullptr;
  }
}

Tensor Context::operand(uint32_t index) const {
  if (index == RLX_NO_INDEX) return {};
  const rlx_tensor& t = executable_->program().tensor(index);
  return {t.dtype, sdk::dims(t), address_[index]};
}

Call Context::make_call(const Step& step, uint64_t run) const {
  Call call{step.node, {}, {}, run};
  for (uint32_t i = 0; i < step.node.input_count(); ++i) call.inputs.push_back(operand(step.node.input(i)));
  for (uint32_t i = 0; i < step.node.output_count(); ++i) call.outputs.push_back(operand(step.node.output(i)));
  return call;
}

void Context::run() {
  const uint64_t run = run_counter_++;
  for (const Step& step : executable_->steps()) step.kernel(make_call(step, run));
}

std::vector<rlx_kernel_time> Context::profile() {
  std::vector<rlx_kernel_time> times;
  const uint64_t run = run_counter_++;
  for (const Step& step : executable_->steps()) {
    const auto begin = std::chrono::steady_clock::now();
    step.kernel(make_call(step, run));
    const auto end = std::chrono::steady_clock::now();
    times.push_back({step.node.raw().op, step.node.raw().name, sdk::str(step.kernel_name),
                     static_cast<uint64_t>((end - begin) / std::chrono::nanoseconds(1)), step.operand_bytes()});
  }
  return times;
}

void Context::bind(uint32_t index, void* data, uint64_t size_bytes) {
  const rlx_tensor& t = tensor(index);
  const bool is_public = t.role == RLX_ROLE_INPUT || (t.flags & RLX_TENSOR_OUTPUT);
  if (!is_public || t.view_of != RLX_NO_INDEX)
    throw Error(RLX_INVALID_ARGUMENT, "bind: " + label(index) + " is no program input or output");
  if (data && size_bytes != t.size_bytes)
    throw Error(RLX_INVALID_ARGUMENT, "bind: " + label(index) + " has " + std::to_string(t.size_bytes) +
                                          " bytes, got " + std::to_string(size_bytes));
  bound_[index] = static_cast<std::byte*>(data);
  resolve();
}

void Context::reset_state() {
  for (uint32_t i = 0; i < address_.size(); ++i) {
    const rlx_tensor& t = executable_->program().tensor(i);
    if (t.role != RLX_ROLE_STATE || t.view_of != RLX_NO_INDEX || !address_[i] || t.size_bytes == 0) continue;
    if (const std::byte* first = executable_->stored(i))
      std::memcpy(address_[i], first, t.size_bytes);
    else
      std::memset(address_[i], 0, t.size_bytes);
  }
}

const rlx_tensor& Context::tensor(uint32_t index) const {
  return sdk::checked_tensor(executable_->program(), index);
}

std::string Context::label(uint32_t index) const {
  return sdk::tensor_label(executable_->program(), index);
}

void Context::stats(rlx_arena_stats& out) const {
  const rlx_program& program = executable_->program().raw();
  out.valid = RLX_ARENA_HAS_LOWER_BOUND;
  out.size = program.arena_bytes;
  out.lower_bound = program.arena_lower_bound;
}

uint64_t Context::offset_bytes(uint32_t index) const {
  const rlx_tensor& t = tensor(index);
  const rlx_tensor& owner = t.view_of == RLX_NO_INDEX ? t : tensor(t.view_of);
  if (owner.plan_offset == RLX_NO_OFFSET)
    throw Error(RLX_NO_SLOT, label(index) + " has no memory of its own in the arena");
  return owner.plan_offset + (t.view_of == RLX_NO_INDEX ? 0 : t.view_offset);
}

std::byte* Context::address(uint32_t index) const {
  offset_bytes(index);
  return address_[index];
}

}  // namespace rlx::ref
