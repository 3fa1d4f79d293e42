#include "executable.hpp"

#include "kernel.hpp"
#include "libraries.hpp"
#include "vendor.hpp"

#include <rlx/sdk/access.hpp>
#include <rlx/sdk/convert.hpp>

#include <cstring>

namespace rlx::simt {

using sdk::Error;

namespace {
// What vector loads of any kernel and the copy engines like.
constexpr uint64_t kAlign = 256;
}  // namespace

Executable::Executable(Device& device, const rlx_program& source, sdk::Progress progress, bool may_use_tf32)
    : device_(device), lease_(device), program_(source) {
  const sdk::ProgramView program = this->program();
  const rlx_region& main = program.main();
  const Geometry geometry{device.warp(), device.multiprocessors(), vendor().matrix_units(device.arch()), may_use_tf32};
  Libraries libraries(device);
  for (uint64_t i = 0; i < main.node_count; ++i) {
    const NodeView node = program.node(main, i);
    const Match match = match_kernel(node);
    if (!match.entry) throw Error(RLX_UNIMPLEMENTED, node.label() + ": " + match.claim.reason);
    Emitter emitter(plan_, static_cast<uint32_t>(i), geometry, &libraries);
    match.entry->emit(emitter, node);
  }
  progress("compile", 0, 1);
  if (!plan_.source.empty()) module_ = std::make_unique<Module>(device, plan_.source.text());
  for (const Launch& launch : plan_.launches)
    functions_.push_back(launch.call ? nullptr : module_->function(launch.entry));
  progress("compile", 1, 1);
  place_weights();
}

void Executable::place_weights() {
  const sdk::ProgramView program = this->program();
  offsets_.assign(program.tensor_count(), kNone);
  is_set_.resize(program.tensor_count());
  uint64_t end = 0;
  for (uint32_t i = 0; i < program.tensor_count(); ++i) {
    const rlx_tensor& t = program.tensor(i);
    if (t.view_of != RLX_NO_INDEX) continue;
    const bool is_weight = t.role == RLX_ROLE_PARAM || t.role == RLX_ROLE_CONSTANT;
    if (!is_weight && !(t.role == RLX_ROLE_STATE && t.data)) continue;
    offsets_[i] = end;
    end += (t.size_bytes + kAlign - 1) / kAlign * kAlign;
    if (is_weight) weight_bytes_ += t.size_bytes;
  }
  weights_ = device_.pool().allocate(end);
  stream_ = std::make_unique<Stream>(device_);
}

void Executable::upload(uint32_t tensor, uint64_t first_elem, rlx_dtype dtype, const void* src, uint64_t count) {
  const rlx_dtype own = program().tensor(tensor).dtype;
  const uint64_t own_width = sdk::dtype_size(own), width = sdk::dtype_size(dtype);
  const auto* from = static_cast<const std::byte*>(src);
  stream_->upload(stored(tensor) + first_elem * own_width, count * own_width,
                  [&](std::byte* chunk, uint64_t offset, uint64_t bytes) {
                    sdk::convert(dtype, from + offset / own_width * width, own, chunk, bytes / own_width);
                  });
}

void Executable::set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes) {
  const uint32_t index = sdk::find_param(program(), name);
  const rlx_tensor& t = program().tensor(index);
  sdk::check_param(name, t, dtype, size_bytes);
  upload(index, 0, dtype, src, sdk::elements(t));
  is_set_[index] = true;
}

void Executable::finalize() {
  std::string missing;
  for (uint32_t i = 0; i < offsets_.size(); ++i)
    if (offsets_[i] != kNone && program().tensor(i).role == RLX_ROLE_PARAM && !is_set_[i])
      missing += (missing.empty() ? "" : ", ") + std::string(sdk::view(program().tensor(i).name));
  if (!missing.empty()) throw Error(RLX_FAILED_PRECONDITION, "finalize: parameters not set: " + missing);
  for (uint32_t i = 0; i < offsets_.size(); ++i) {
    const rlx_tensor& t = program().tensor(i);
    if (offsets_[i] != kNone && t.role != RLX_ROLE_PARAM) upload(i, 0, t.dtype, t.data, sdk::elements(t));
  }
  // Contexts have queues of their own, and the host's bytes may go when this returns.
  stream_->synchronize();
  finalized_ = true;
}

void Executable::set_param_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                                 uint64_t first_elem) {
  const uint32_t index = sdk::find_param(program(), name);
  const uint64_t count = sdk::check_param_range(name, program().tensor(index), dtype, size_bytes, first_elem);
  upload(index, first_elem, dtype, src, count);
  stream_->synchronize();
}

uint64_t Executable::operand_bytes(const Launch& launch) const {
  uint64_t bytes = 0;
  for (const PointerField& p : launch.pointers) {
    if (p.to == PointerField::To::kTensor) bytes += program().tensor(p.tensor).size_bytes - p.offset_bytes;
    if (p.to == PointerField::To::kScratch) bytes += p.scratch_bytes;
  }
  return bytes;
}

void Executable::stats(rlx_executable_stats& out) const {
  out.weight_bytes = weight_bytes_;
  out.arena_bytes = program().raw().arena_bytes;
  out.arena_lower_bound = program().raw().arena_lower_bound;
  out.kernel_count = plan_.launches.size();
  for (const Launch& launch : plan_.launches) out.operand_bytes += operand_bytes(launch);
}

}  // namespace rlx::simt
