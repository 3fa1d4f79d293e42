// Inputs and outputs of contexts: strict checks, conversions, and the caller's own memory.
#include "plugin/abi_call.hpp"
#include "runtime/context.hpp"

namespace rlx {

Status ContextImpl::bind(Slot& slot, void* data, size_t bytes) {
  if (host_pointers)
    RLX_TRY(plugin::call("bind", plugin().executable_table.bind, core->handle, slot.tensor, data, uint64_t{bytes}));
  slot.data = data;
  has_staging = false;
  if (!host_pointers)
    for (const std::vector<Slot>* slots : {&inputs, &outputs})
      for (const Slot& s : *slots) has_staging = has_staging || s.data;
  return {};
}

Status ContextImpl::bind_input(size_t index, const TensorView& value) {
  Slot& slot = inputs[index];
  const Port& port = executable().inputs.ports[index];
  if (!value.data && slot.bytes != 0) {
    if (slot.data) RLX_TRY(bind(slot, nullptr, slot.bytes));
    slot.is_set = false;
    return {};
  }
  RLX_TRY(check_view(port, "input", value.type, value.data, value.bytes, true));
  for (const Feed& f : feeds)
    if (f.input == index)
      return error(Code::kFailedPrecondition, "input '" + port.name + "' is fed from output '" +
                                                  executable().outputs.ports[f.output].name + "' and cannot be bound");
  // The plugin never writes to inputs; the slot takes any memory.
  RLX_TRY(bind(slot, const_cast<void*>(value.data), slot.bytes));
  slot.is_set = true;
  return {};
}

Status ContextImpl::bind_output(size_t index, const MutableTensorView& value) {
  Slot& slot = outputs[index];
  if (!value.data && slot.bytes != 0) {
    if (slot.data) RLX_TRY(bind(slot, nullptr, slot.bytes));
    core->has_run = false;
    return {};
  }
  RLX_TRY(check_view(executable().outputs.ports[index], "output", value.type, value.data, value.bytes, true));
  return bind(slot, value.data, slot.bytes);
}

Status ContextImpl::write_input(size_t index, const TensorView& value) {
  Slot& slot = inputs[index];
  RLX_TRY(check_view(executable().inputs.ports[index], "input", value.type, value.data, value.bytes, false));
  if (slot.data) RLX_TRY(bind(slot, nullptr, slot.bytes));
  slot.is_set = slot.bytes == 0;
  RLX_TRY(plugin::call("write", plugin().arena_table.write, core->arena, slot.tensor,
                       static_cast<rlx_dtype>(value.type.dtype), value.data, uint64_t{value.bytes}, uint64_t{0}));
  slot.is_set = true;
  return {};
}

Status ContextImpl::read_output(size_t index, const MutableTensorView& dst) {
  const Port& port = executable().outputs.ports[index];
  RLX_TRY(check_view(port, "output", dst.type, dst.data, dst.bytes, false));
  if (!core->has_run)
    return error(Code::kFailedPrecondition, "output '" + port.name + "': no run has made a value yet");
  return plugin::call("read", plugin().arena_table.read, core->arena, outputs[index].tensor,
                      static_cast<rlx_dtype>(dst.type.dtype), dst.data, uint64_t{dst.bytes}, uint64_t{0});
}

Status ContextImpl::check_inputs() const {
  bool complete = true;
  for (const Slot& s : inputs) complete &= s.is_set;
  if (complete) return {};
  std::string missing;
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!inputs[i].is_set) missing += (missing.empty() ? "'" : ", '") + executable().inputs.ports[i].name + "'";
  return error(Code::kFailedPrecondition, "run: inputs without a value: " + missing);
}

Status ContextImpl::before_run() {
  for (const Slot& s : inputs)
    if (s.data)
      RLX_TRY(plugin::call("write_raw", plugin().arena_table.write_raw, core->arena, s.tensor, s.data,
                           uint64_t{s.bytes}, uint64_t{0}));
  return {};
}

Status ContextImpl::after_run() {
  if (!host_pointers)
    for (const Slot& s : outputs)
      if (s.data)
        RLX_TRY(plugin::call("read_raw", plugin().arena_table.read_raw, core->arena, s.tensor, s.data,
                             uint64_t{s.bytes}, uint64_t{0}));
  for (const Feed& f : feeds) {
    RLX_TRY(plugin::call("copy_range", plugin().arena_table.copy_range, core->arena, inputs[f.input].tensor,
                         uint64_t{0}, outputs[f.output].tensor, uint64_t{0}, uint64_t{outputs[f.output].bytes}));
    inputs[f.input].is_set = true;
  }
  return {};
}

Status Context::set_input(std::string_view name, const TensorView& value) {
  return exclusively(*impl_, [&]() -> Status {
    RLX_ASSIGN(const size_t index, impl_->executable().inputs.find(name, "input"));
    return impl_->write_input(index, value);
  });
}

Status Context::set_input(size_t index, const TensorView& value) {
  return exclusively(*impl_, [&]() -> Status {
    RLX_TRY(check_index(index, impl_->executable().inputs, "input"));
    return impl_->write_input(index, value);
  });
}

Status Context::bind_input(size_t index, const TensorView& value) {
  return exclusively(*impl_, [&]() -> Status {
    RLX_TRY(check_index(index, impl_->executable().inputs, "input"));
    return impl_->bind_input(index, value);
  });
}

Status Context::bind_output(size_t index, const MutableTensorView& value) {
  return exclusively(*impl_, [&]() -> Status {
    RLX_TRY(check_index(index, impl_->executable().outputs, "output"));
    return impl_->bind_output(index, value);
  });
}

Status Context::read_output(size_t index, const MutableTensorView& dst) const {
  return exclusively(*impl_, [&]() -> Status {
    RLX_TRY(check_index(index, impl_->executable().outputs, "output"));
    return impl_->read_output(index, dst);
  });
}

Result<Tensor> Context::output(size_t index) const {
  return exclusively(*impl_, [&]() -> Result<Tensor> {
    const PortList& outputs = impl_->executable().outputs;
    RLX_TRY(check_index(index, outputs, "output"));
    const TensorType& type = outputs.ports[index].type;
    RLX_ASSIGN(Tensor t, Tensor::zeros(type.dtype, type.shape));
    RLX_TRY(impl_->read_output(index, t.view()));
    return t;
  });
}

Result<Tensor> Context::output(std::string_view name) const {
  return guarded([&]() -> Result<Tensor> {
    RLX_ASSIGN(const size_t index, impl_->executable().outputs.find(name, "output"));
    return output(index);
  });
}

Result<TensorView> Context::output_view(size_t index) const {
  return exclusively(*impl_, [&]() -> Result<TensorView> {
    ContextImpl& c = *impl_;
    RLX_TRY(check_index(index, c.executable().outputs, "output"));
    if (!c.host_pointers)
      return error(Code::kUnimplemented,
                   "output_view: the memory of " + c.executable().device.id() + " is not the host's",
                   "use output or read_output");
    const TensorType& type = c.executable().outputs.ports[index].type;
    if (!c.outputs[index].data) {
      // The first view copies; from then on the plugin writes to this memory.
      RLX_ASSIGN(Tensor own, Tensor::zeros(type.dtype, type.shape));
      RLX_TRY(c.read_output(index, own.view()));
      RLX_TRY(c.bind_output(index, own.view()));
      c.own_outputs[index] = std::move(own);
    } else if (!c.core->has_run) {
      return error(Code::kFailedPrecondition,
                   "output '" + c.executable().outputs.ports[index].name + "': no run has made a value yet");
    }
    return TensorView{type, c.outputs[index].data, c.outputs[index].bytes};
  });
}

}  // namespace rlx
