// Compile, collect parameters, pack.
#include "executable.hpp"

#include <cstring>

namespace rlx::cpu {

using sdk::Error;

Executable::Executable(const rlx_program& program, unsigned threads, sdk::Progress progress)
    : threads_(threads ? threads : cpu_info().cores),
      progress_(progress),
      schedule_(compile_schedule(program, cpu_info(), threads_)) {
  const sdk::ProgramView view(program);
  for (uint32_t i = 0; i < view.tensor_count(); ++i) {
    const rlx_tensor& t = view.tensor(i);
    const TensorPlan& plan = schedule_.tensors[i];
    if (!plan.in_main || plan.root != i) continue;
    if (t.role == RLX_ROLE_PARAM || t.role == RLX_ROLE_CONSTANT) weights_.add(i, t);
    if (t.role == RLX_ROLE_STATE && t.data) state_data_[i] = t.data;
  }
  for (uint32_t i = 0; i < view.tensor_count(); ++i) {
    const TensorPlan& plan = schedule_.tensors[i];
    if (plan.in_main && plan.root != i && weights_.contains(plan.root))
      weights_.add_view(i, plan.root, plan.root_offset);
  }
}

void Executable::set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes) {
  weights_.set(name, dtype, src, size_bytes);
}

void Executable::finalize() {
  const std::string missing = weights_.missing();
  if (!missing.empty()) throw Error(RLX_FAILED_PRECONDITION, "finalize: parameters not set: " + missing);
  for (Step& step : schedule_.steps) weights_.count_use(*step.kernel, step.inputs);
  const uint64_t count = schedule_.steps.size();
  for (uint64_t i = 0; i < count; ++i) {
    progress_("pack", i, count);
    weights_.prepare(*schedule_.steps[i].kernel, schedule_.steps[i].inputs);
  }
  weights_.finish();
  progress_("pack", count, count);
  for (const auto& [tensor, data] : state_data_) {
    HostBuffer init(schedule_.tensors[tensor].bytes);
    std::memcpy(init.data(), data, schedule_.tensors[tensor].bytes);
    state_init_[tensor] = std::move(init);
  }
  state_data_.clear();
  finalized_ = true;
}

void Executable::set_param_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                                 uint64_t first_elem) {
  const uint32_t changed = weights_.set_range(name, dtype, src, size_bytes, first_elem);
  for (Step& step : schedule_.steps)
    for (uint32_t t : step.inputs)
      if (t != RLX_NO_INDEX && schedule_.tensors[t].root == changed) {
        weights_.prepare(*step.kernel, step.inputs);
        break;
      }
  weights_.finish_range();
}

void Executable::stats(rlx_executable_stats& out) const {
  out.weight_bytes = weights_.bytes();
  out.arena_bytes = schedule_.arena_bytes;
  out.arena_lower_bound = schedule_.lower_bound;
  out.kernel_count = schedule_.steps.size();
  for (const Step& step : schedule_.steps) out.operand_bytes += schedule_.operand_bytes(step);
}

const std::byte* Executable::state_init(uint32_t tensor) const {
  const auto it = state_init_.find(tensor);
  return it == state_init_.end() ? nullptr : it->second.data();
}

}  // namespace rlx::cpu
