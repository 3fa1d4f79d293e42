// Compile, collect the weights, finalize.
#include "executable.hpp"

#include <rlx/sdk/access.hpp>
#include <rlx/sdk/convert.hpp>

#include <cstring>

namespace rlx::ref {

using sdk::Error;

uint64_t Step::operand_bytes() const {
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < node.input_count(); ++i) bytes += node.has_input(i) ? node.in(i).size_bytes : 0;
  for (uint32_t i = 0; i < node.output_count(); ++i) bytes += node.out(i).size_bytes;
  return bytes;
}

Executable::Executable(const rlx_program& source) : program_(source) {
  const sdk::ProgramView program = this->program();
  for (uint64_t i = 0; i < program.main().node_count; ++i) {
    const sdk::NodeView node = program.node(program.main(), i);
    const std::string why_not = missing_kernel(node);
    if (!why_not.empty()) throw Error(RLX_UNIMPLEMENTED, node.label() + ": " + why_not);
    steps_.push_back({node, find_kernel(node.op()), "ref:" + std::string(node.op())});
  }
  stored_.resize(program.tensor_count());
  is_set_.resize(program.tensor_count());
  for (uint64_t i = 0; i < program.tensor_count(); ++i) {
    const rlx_tensor& t = program.tensor(i);
    if (t.role == RLX_ROLE_PARAM && t.view_of == RLX_NO_INDEX) stored_[i] = HostBuffer(t.size_bytes);
  }
}

void Executable::set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes) {
  const uint32_t index = sdk::find_param(program(), name);
  const rlx_tensor& t = program().tensor(index);
  sdk::check_param(name, t, dtype, size_bytes);
  sdk::convert(dtype, src, t.dtype, stored_[index].data(), sdk::elements(t));
  is_set_[index] = true;
}

void Executable::finalize() {
  std::string missing;
  for (uint32_t i = 0; i < stored_.size(); ++i)
    if (stored_[i] && !is_set_[i])
      missing += (missing.empty() ? "" : ", ") + std::string(sdk::view(program().tensor(i).name));
  if (!missing.empty()) throw Error(RLX_FAILED_PRECONDITION, "finalize: parameters not set: " + missing);
  for (uint32_t i = 0; i < stored_.size(); ++i) {
    const rlx_tensor& t = program().tensor(i);
    const bool has_bytes = t.role == RLX_ROLE_CONSTANT || (t.role == RLX_ROLE_STATE && t.data);
    if (!has_bytes || t.view_of != RLX_NO_INDEX) continue;
    stored_[i] = HostBuffer(t.size_bytes);
    if (t.size_bytes) std::memcpy(stored_[i].data(), t.data, t.size_bytes);
  }
  finalized_ = true;
}

void Executable::set_param_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                                 uint64_t first_elem) {
  const uint32_t index = sdk::find_param(program(), name);
  const rlx_tensor& t = program().tensor(index);
  const uint64_t count = sdk::check_param_range(name, t, dtype, size_bytes, first_elem);
  sdk::convert(dtype, src, t.dtype, stored_[index].data() + first_elem * sdk::dtype_size(t.dtype), count);
}

void Executable::stats(rlx_executable_stats& out) const {
  for (uint32_t i = 0; i < stored_.size(); ++i)
    if (program().tensor(i).role != RLX_ROLE_STATE && stored_[i]) out.weight_bytes += program().tensor(i).size_bytes;
  out.arena_bytes = program().raw().arena_bytes;
  out.arena_lower_bound = program().raw().arena_lower_bound;
  out.kernel_count = steps_.size();
  for (const Step& step : steps_) out.operand_bytes += step.operand_bytes();
}

}  // namespace rlx::ref
