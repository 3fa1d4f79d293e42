// Resolves every address once, so that a run is a loop of indirect calls.
#include "context.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

namespace rlx::cpu {

using sdk::Error;

Context::Context(Executable& executable, unsigned threads)
    : executable_(executable), schedule_(executable.schedule()), team_(threads ? threads : executable.threads()) {
  memory_ = PoolBlock(pool(), schedule_.arena_bytes);
  resolve();
  reset_state();
}

void Context::resolve() {
  const size_t count = schedule_.tensors.size();
  address_.assign(count, nullptr);
  for (uint32_t i = 0; i < count; ++i) {
    const TensorPlan& t = schedule_.tensors[i];
    if (t.root != i || !t.in_main) continue;
    address_[i] = t.arena_offset != RLX_NO_OFFSET ? memory_.data() + t.arena_offset : executable_->weights().plain(i);
  }
  // More threads than the schedule was planned for may need more scratch: then it lies outside of the arena.
  uint64_t scratch = 0;
  bool fits = true;
  for (const Step& step : schedule_.steps) {
    const uint64_t needed = step.kernel->scratch_bytes(team_.threads());
    scratch = std::max(scratch, needed);
    fits &= needed <= step.scratch_bytes;
  }
  if (!fits) extra_scratch_ = PoolBlock(pool(), scratch);

  std::vector<std::vector<Use>> uses(count);
  std::vector<size_t> first_operand;
  for (const Step& step : schedule_.steps) {
    first_operand.push_back(operands_.size());
    for (const std::vector<uint32_t>* list : {&step.inputs, &step.outputs})
      for (uint32_t t : *list) {
        std::byte* data = nullptr;
        if (t != RLX_NO_INDEX) {
          const TensorPlan& plan = schedule_.tensors[t];
          if (address_[plan.root]) data = address_[plan.root] + plan.root_offset;
          uses[plan.root].push_back({static_cast<uint32_t>(operands_.size()), plan.root_offset});
        }
        operands_.push_back(data);
      }
  }
  for (const std::vector<Use>& list : uses) {
    first_use_.push_back(static_cast<uint32_t>(uses_.size()));
    uses_.insert(uses_.end(), list.begin(), list.end());
  }
  first_use_.push_back(static_cast<uint32_t>(uses_.size()));

  const ThreadCountScope scope(team_.threads());
  for (size_t i = 0; i < schedule_.steps.size(); ++i) {
    const Step& step = schedule_.steps[i];
    states_.push_back(step.kernel->make_state(team_.threads()));
    uses_library_threads_ |= states_.back() != nullptr;
    std::byte* const* operands = operands_.data() + first_operand[i];
    launches_.push_back({step.kernel.get(), operands, operands + step.inputs.size(),
                         extra_scratch_ ? extra_scratch_.data() : memory_.data() + step.scratch_offset,
                         states_.back().get()});
  }
}

template <typename Around>
void Context::run_steps(Around&& around) {
  std::optional<ThreadCountScope> scope;
  if (uses_library_threads_) scope.emplace(team_.threads());
  Run run{nullptr, nullptr, nullptr, nullptr, run_counter_++, team_, error_, 0};
  for (const Launch& launch : launches_) {
    run.inputs = launch.inputs;
    run.outputs = launch.outputs;
    run.scratch = launch.scratch;
    run.state = launch.state;
    around(launch, run);
    ++run.step;
  }
  if (error_.any()) throw_run_error();
}

void Context::run() {
  run_steps([](const Launch& launch, const Run& run) { launch.kernel->run(run); });
}

void Context::throw_run_error() {
  const Step& step = schedule_.steps[error_.step()];
  Error e(RLX_OUT_OF_RANGE, step.op + (step.node.empty() ? "" : " '" + step.node + "'") + ": index " +
                                std::to_string(error_.value()) + " out of range for size " +
                                std::to_string(error_.limit()));
  error_.clear();
  throw e;
}

std::vector<rlx_kernel_time> Context::profile() {
  std::vector<rlx_kernel_time> times;
  run_steps([&](const Launch& launch, const Run& run) {
    const auto begin = std::chrono::steady_clock::now();
    launch.kernel->run(run);
    const auto end = std::chrono::steady_clock::now();
    const Step& step = schedule_.steps[times.size()];
    times.push_back({sdk::str(step.op), sdk::str(step.node), sdk::str(step.kernel->name()),
                     static_cast<uint64_t>((end - begin) / std::chrono::nanoseconds(1)),
                     schedule_.operand_bytes(step)});
  });
  return times;
}

const TensorPlan& Context::plan(uint32_t tensor) const {
  if (tensor >= schedule_.tensors.size())
    throw Error(RLX_OUT_OF_RANGE, "tensor " + std::to_string(tensor) + " out of range for a program of " +
                                      std::to_string(schedule_.tensors.size()));
  return schedule_.tensors[tensor];
}

void Context::bind(uint32_t tensor, void* data, uint64_t size_bytes) {
  const TensorPlan& t = plan(tensor);
  const bool is_io = t.desc.role == RLX_ROLE_INPUT || (t.desc.flags & RLX_TENSOR_OUTPUT);
  if (!is_io || t.root != tensor)
    throw Error(RLX_INVALID_ARGUMENT, "bind: " + label(tensor) + " is no program input or output");
  if (data && size_bytes != t.desc.size_bytes)
    throw Error(RLX_INVALID_ARGUMENT, "bind: " + label(tensor) + ": expected " + std::to_string(t.desc.size_bytes) +
                                          " bytes, got " + std::to_string(size_bytes));
  set_address(tensor, data ? static_cast<std::byte*>(data) : memory_.data() + t.arena_offset);
}

void Context::set_address(uint32_t root, std::byte* data) {
  address_[root] = data;
  for (uint32_t i = first_use_[root]; i < first_use_[root + 1]; ++i)
    operands_[uses_[i].operand] = data + uses_[i].offset;
}

void Context::reset_state() {
  for (uint32_t t : schedule_.states) {
    const uint64_t bytes = schedule_.tensors[t].bytes;
    const std::byte* init = executable_->state_init(t);
    if (!address_[t] || bytes == 0) continue;
    if (init)
      std::memcpy(address_[t], init, bytes);
    else
      std::memset(address_[t], 0, bytes);
  }
}

std::byte* Context::address(uint32_t tensor) const {
  const TensorPlan& t = plan(tensor);
  const TensorPlan& root = schedule_.tensors[t.root];
  if (!t.in_main || root.arena_offset == RLX_NO_OFFSET || root.layout != Layout::kPlain)
    throw Error(RLX_NO_SLOT, label(tensor) + " has no row-major memory of its own in the arena");
  return address_[t.root] + t.root_offset;
}

uint64_t Context::offset_bytes(uint32_t tensor) const {
  address(tensor);
  const TensorPlan& t = schedule_.tensors[tensor];
  return schedule_.tensors[t.root].arena_offset + t.root_offset;
}

std::string Context::label(uint32_t index) const {
  const std::string& name = plan(index).name;
  return name.empty() ? "tensor " + std::to_string(index) : "tensor '" + name + "'";
}

void Context::stats(rlx_arena_stats& out) const {
  out.valid = RLX_ARENA_HAS_LOWER_BOUND;
  out.size = schedule_.arena_bytes + extra_scratch_.bytes();
  out.lower_bound = schedule_.lower_bound;
  out.scratch = std::max(schedule_.scratch_bytes, extra_scratch_.bytes());
  sdk::describe(pool().stats(), out);
}

}  // namespace rlx::cpu
