// What a context is made of, its states, and moving bytes. Runs are in run.cpp.
#include "context.hpp"

#include "vendor.hpp"

#include <rlx/sdk/access.hpp>

#include <cstring>
#include <new>

namespace rlx::simt {

using sdk::Error;

Context::Context(Executable& executable)
    : executable_(executable),
      mirror_(executable.device(), sizeof(Control)),
      timeline_(executable.device()),
      stream_(executable.device()) {
  collected_ = timeline_.last();
  memory_ = {executable.device().pool(), executable.program().raw().arena_bytes};
  if (const uint64_t bytes = executable.plan().scratch_bytes) scratch_ = {executable.device().pool(), bytes};
  control_ = DeviceBuffer(executable.device(), sizeof(Control));
  new (mirror_.data()) Control{};
  driver().fill_bytes(control_.address(), 0, sizeof(Control), stream_.handle());
  fill_parameters();
  reset_state();
  stream_.synchronize();
}

Address Context::tensor_address(uint32_t index) const {
  const sdk::ProgramView program = executable_->program();
  const rlx_tensor& t = program.tensor(index);
  const uint32_t root = t.view_of == RLX_NO_INDEX ? index : t.view_of;
  const rlx_tensor& owner = program.tensor(root);
  const uint64_t offset = t.view_of == RLX_NO_INDEX ? 0 : t.view_offset;
  if (owner.plan_offset != RLX_NO_OFFSET) return memory_.get().address() + owner.plan_offset + offset;
  const Address stored = executable_->stored(root);
  return stored ? stored + offset : 0;
}

Address Context::resolve(const PointerField& field) const {
  switch (field.to) {
    case PointerField::To::kErrorRecord:
      return control_.address() + offsetof(Control, error);
    case PointerField::To::kRunCounter:
      return control_.address() + offsetof(Control, run_counter);
    case PointerField::To::kScratch:
      return scratch_.get().address() + field.offset_bytes;
    default:
      return tensor_address(field.tensor) + field.offset_bytes;
  }
}

void Context::fill_parameters() {
  BindScope scope{stream_.handle(), nullptr};
  for (const Launch& launch : executable_->plan().launches) {
    params_.push_back(launch.params);
    for (const PointerField& field : launch.pointers) {
      const Address address = resolve(field);
      std::memcpy(params_.back().data() + field.at, &address, sizeof address);
    }
    bound_.push_back(launch.call ? launch.call->bind(params_.back().data(), scope) : nullptr);
  }
}

void Context::reset_state() {
  executable_->device().make_current();
  const sdk::ProgramView program = executable_->program();
  for (uint32_t i = 0; i < program.tensor_count(); ++i) {
    const rlx_tensor& t = program.tensor(i);
    if (t.role != RLX_ROLE_STATE || t.view_of != RLX_NO_INDEX || t.size_bytes == 0) continue;
    if (const Address first = executable_->stored(i))
      driver().copy_on_device(tensor_address(i), first, t.size_bytes, stream_.handle());
    else
      driver().fill_bytes(tensor_address(i), 0, t.size_bytes, stream_.handle());
  }
}

uint64_t Context::offset_bytes(uint32_t index) const {
  const sdk::ProgramView program = executable_->program();
  const rlx_tensor& t = sdk::checked_tensor(program, index);
  const rlx_tensor& owner = t.view_of == RLX_NO_INDEX ? t : program.tensor(t.view_of);
  if (owner.plan_offset == RLX_NO_OFFSET)
    throw Error(RLX_NO_SLOT, sdk::tensor_label(program, index) + " has no memory of its own in the arena");
  return owner.plan_offset + (t.view_of == RLX_NO_INDEX ? 0 : t.view_offset);
}

Address Context::address(uint32_t index) const {
  return memory_.get().address() + offset_bytes(index);
}

std::string Context::label(uint32_t index) const {
  return sdk::tensor_label(executable_->program(), index);
}

// Ranges that overlap go through memory of their own: the driver's copy would not say what it gives.
void Context::copy(Address to, Address from, uint64_t bytes) {
  stream_.device().make_current();
  if (from + bytes <= to || to + bytes <= from) return driver().copy_on_device(to, from, bytes, stream_.handle());
  const DeviceBuffer between(stream_.device(), bytes);
  driver().copy_on_device(between.address(), from, bytes, stream_.handle());
  driver().copy_on_device(to, between.address(), bytes, stream_.handle());
  stream_.synchronize();
}

void Context::copy_from(Context& other, Address to, Address from, uint64_t bytes) {
  stream_.device().make_current();
  other.stream_.synchronize();
  driver().copy_on_device(to, from, bytes, stream_.handle());
  stream_.synchronize();
}

void Context::stats(rlx_arena_stats& out) const {
  out.valid = RLX_ARENA_HAS_LOWER_BOUND;
  out.scratch = executable_->plan().scratch_bytes;
  out.size = executable_->program().raw().arena_bytes + out.scratch;
  out.lower_bound = executable_->program().raw().arena_lower_bound;
  sdk::describe(executable_->device().pool().stats(), out);
}

}  // namespace rlx::simt
