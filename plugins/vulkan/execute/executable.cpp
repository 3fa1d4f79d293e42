// Compile, place, collect the weights, finalize.
#include "executable.hpp"

#include "execute/hazards.hpp"
#include "memory/transfer.hpp"

#include <rlx/sdk/access.hpp>
#include <rlx/sdk/convert.hpp>

#include <algorithm>

namespace rlx::vulkan {

using sdk::Error;

Executable::Executable(std::shared_ptr<Device> device, const rlx_program& source, const sdk::Progress& progress)
    : device_(std::move(device)), lower_bound_(source.arena_lower_bound) {
  const sdk::ProgramView program(source);
  for (uint64_t i = 0; i < program.tensor_count(); ++i) {
    const rlx_tensor& t = program.tensor(i);
    tensors_.push_back({t, t.name.size ? std::string(sdk::view(t.name)) : std::to_string(i)});
  }
  for (TensorInfo& t : tensors_) t.desc.name = sdk::str(t.name);
  plan_nodes(program, progress);
  const uint64_t largest = sdk::Pool<Block>::class_within(device_->allocator().max_block_bytes());
  arena_ = lay_out_arena(program, scratch_bytes_, params_bytes_, largest / kArenaAlign * kArenaAlign,
                         device_->physical().name());
  place_weights();
  find_barriers();
}

void Executable::plan_nodes(const sdk::ProgramView& program, const sdk::Progress& progress) {
  const uint64_t count = program.main().node_count;
  for (uint64_t i = 0; i < count; ++i) {
    progress("compile", i, count);
    const sdk::NodeView node = program.node(program.main(), i);
    Plan plan(node, device_->physical().matrix_units());
    try {
      plan_node(plan);
    } catch (const Refusal& refusal) {
      throw Error(RLX_UNIMPLEMENTED, node.label() + ": " + refusal.why);
    }
    nodes_.push_back({std::string(node.op()), std::string(node.name()), node.label()});
    scratch_bytes_ = std::max(scratch_bytes_, plan.scratch_bytes());
    for (Dispatch& d : plan.dispatches()) {
      d.node = static_cast<uint32_t>(i);
      params_bytes_ += align_up(d.params.size());
      device_->pipelines().get(d.pipeline);
      dispatches_.push_back(std::move(d));
    }
  }
  device_->pipelines().save();
}

// Blocks are filled one after the other up to the largest that the device gives.
void Executable::place_weights() {
  stored_.assign(tensors_.size(), {Place::kNowhere, 0});
  first_values_ = stored_;
  is_set_.assign(tensors_.size(), false);
  std::vector<uint64_t> sizes;
  const uint64_t largest = device_->allocator().max_block_bytes();
  for (uint32_t i = 0; i < tensors_.size(); ++i) {
    const rlx_tensor& t = tensors_[i].desc;
    const bool is_first_value = t.role == RLX_ROLE_STATE && t.data;
    if (t.view_of != RLX_NO_INDEX || (t.role != RLX_ROLE_PARAM && t.role != RLX_ROLE_CONSTANT && !is_first_value))
      continue;
    const uint64_t bytes = align_up(t.size_bytes);
    check_allocation(device_->physical().name(), tensors_[i].label(), bytes, largest);
    if (sizes.empty() || sizes.back() + bytes > largest) sizes.push_back(0);
    const Place place{static_cast<uint32_t>(sizes.size() - 1), sizes.back()};
    (is_first_value ? first_values_ : stored_)[i] = place;
    sizes.back() += bytes;
  }
  for (const uint64_t bytes : sizes) weights_.push_back(device_->pool(MemoryKind::kDevice).allocate(bytes));
}

void Executable::find_barriers() {
  Hazards hazards;
  for (const Dispatch& d : dispatches_) {
    std::vector<Access> accesses;
    for (const Reference& r : d.references) {
      const Place at = place(r.tensor);
      if (at.block == Place::kArena)
        accesses.push_back({at.offset + r.offset, at.offset + r.offset + r.bytes, r.is_write});
    }
    barriers_.push_back(hazards.next(accesses));
  }
  barrier_count_ = hazards.barriers();
  dependency_count_ = hazards.dependencies();
}

const TensorInfo& Executable::tensor(uint32_t index) const {
  if (index >= tensors_.size())
    throw Error(RLX_OUT_OF_RANGE, "tensor " + std::to_string(index) + " out of range for a program of " +
                                      std::to_string(tensors_.size()));
  return tensors_[index];
}

Place Executable::place(uint32_t index) const {
  if (index == kScratch) return {Place::kArena, arena_.scratch};
  const rlx_tensor& t = tensor(index).desc;
  const uint32_t root = t.view_of == RLX_NO_INDEX ? index : t.view_of;
  const uint64_t offset = t.view_of == RLX_NO_INDEX ? 0 : t.view_offset;
  if (stored_[root].block != Place::kNowhere) return {stored_[root].block, stored_[root].offset + offset};
  const uint64_t planned = arena_.tensors[root];
  return planned == RLX_NO_OFFSET ? Place{Place::kNowhere, 0} : Place{Place::kArena, planned + offset};
}

uint32_t Executable::find_param(std::string_view name) const {
  for (uint32_t i = 0; i < tensors_.size(); ++i) {
    const TensorInfo& t = tensors_[i];
    if (t.desc.role == RLX_ROLE_PARAM && t.desc.view_of == RLX_NO_INDEX && t.name == name) return i;
  }
  throw Error(RLX_NOT_FOUND, "no parameter '" + std::string(name) + "'");
}

void Executable::upload(uint32_t tensor, rlx_dtype dtype, const void* src, uint64_t first_elem, uint64_t count) {
  const rlx_dtype own = tensors_[tensor].desc.dtype;
  const uint64_t width = sdk::dtype_size(own), src_width = sdk::dtype_size(dtype);
  const Place at = stored_[tensor];
  device_->transfer().write(weights_[at.block], at.offset + first_elem * width, count * width, width,
                            [&](std::byte* chunk, uint64_t first, uint64_t bytes) {
                              sdk::convert(dtype, static_cast<const std::byte*>(src) + first / width * src_width, own,
                                           chunk, bytes / width);
                            });
}

void Executable::set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes) {
  const uint32_t index = find_param(name);
  sdk::check_param(name, tensors_[index].desc, dtype, size_bytes);
  upload(index, dtype, src, 0, sdk::elements(tensors_[index].desc));
  is_set_[index] = true;
}

void Executable::finalize() {
  std::string missing;
  for (uint32_t i = 0; i < tensors_.size(); ++i)
    if (tensors_[i].desc.role == RLX_ROLE_PARAM && stored_[i].block != Place::kNowhere && !is_set_[i])
      missing += (missing.empty() ? "" : ", ") + tensors_[i].name;
  if (!missing.empty()) throw Error(RLX_FAILED_PRECONDITION, "finalize: parameters not set: " + missing);
  for (uint32_t i = 0; i < tensors_.size(); ++i) {
    const rlx_tensor& t = tensors_[i].desc;
    const Place at = t.role == RLX_ROLE_CONSTANT ? stored_[i] : first_values_[i];
    if (at.block == Place::kNowhere) continue;
    device_->transfer().write(weights_[at.block], at.offset, t.size_bytes, 1,
                              [&](std::byte* chunk, uint64_t first, uint64_t bytes) {
                                std::memcpy(chunk, static_cast<const std::byte*>(t.data) + first, bytes);
                              });
  }
  finalized_ = true;
}

void Executable::set_param_range(std::string_view name, rlx_dtype dtype, const void* src, uint64_t size_bytes,
                                 uint64_t first_elem) {
  const uint32_t index = find_param(name);
  const uint64_t count = sdk::check_param_range(name, tensors_[index].desc, dtype, size_bytes, first_elem);
  upload(index, dtype, src, first_elem, count);
}

void Executable::stats(rlx_executable_stats& out) const {
  for (const Block& block : weights_) out.weight_bytes += block.bytes();
  out.arena_bytes = arena_.bytes();
  out.arena_lower_bound = lower_bound_;
  out.kernel_count = dispatches_.size();
  for (const Dispatch& d : dispatches_) out.operand_bytes += d.operand_bytes();
  out.valid = RLX_EXECUTABLE_HAS_BARRIERS;
  out.barrier_count = barrier_count_;
  out.dependency_count = dependency_count_;
}

}  // namespace rlx::vulkan
