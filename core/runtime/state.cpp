// States: memory that lives in a context between runs, and outputs that become the next run's inputs.
#include "plugin/abi_call.hpp"
#include "runtime/context.hpp"

namespace rlx {

Status Context::write_state(std::string_view name, const TensorView& value) {
  return exclusively(*impl_, [&]() -> Status {
    const PortList& states = impl_->executable().states;
    RLX_ASSIGN(const size_t i, states.find(name, "state"));
    RLX_TRY(check_view(states.ports[i], "state", value.type, value.data, value.bytes, false));
    return plugin::call("write", impl_->plugin().arena_table.write, impl_->core->arena, states.tensors[i],
                        static_cast<rlx_dtype>(value.type.dtype), value.data, uint64_t{value.bytes}, uint64_t{0});
  });
}

Result<Tensor> Context::read_state(std::string_view name) const {
  return exclusively(*impl_, [&]() -> Result<Tensor> {
    const PortList& states = impl_->executable().states;
    RLX_ASSIGN(const size_t i, states.find(name, "state"));
    const TensorType& type = states.ports[i].type;
    RLX_ASSIGN(Tensor t, Tensor::zeros(type.dtype, type.shape));
    RLX_TRY(plugin::call("read", impl_->plugin().arena_table.read, impl_->core->arena, states.tensors[i],
                         static_cast<rlx_dtype>(type.dtype), t.data(), uint64_t{t.bytes()}, uint64_t{0}));
    return t;
  });
}

Status Context::reset_state() {
  return exclusively(*impl_, [&]() -> Status {
    return plugin::call("reset_state", impl_->plugin().executable_table.reset_state, impl_->core->handle);
  });
}

Status Context::clone_state(const Context& from) {
  if (&from == this) return {};
  if (impl_->core->executable != from.impl_->core->executable)
    return error(Code::kInvalidArgument, "clone_state: the contexts belong to different executables");
  // Neither waits for the other, so two threads cloning crosswise cannot block each other.
  return exclusively(*impl_, [&] {
    return exclusively(*from.impl_, [&]() -> Status {
      for (uint32_t tensor : impl_->executable().states.tensors)
        RLX_TRY(plugin::call("copy_from", impl_->plugin().arena_table.copy_from, impl_->core->arena,
                             from.impl_->core->arena, tensor));
      return {};
    });
  });
}

Status Context::feed(std::string_view output, std::string_view input) {
  return exclusively(*impl_, [&]() -> Status {
    ContextImpl& c = *impl_;
    RLX_ASSIGN(const size_t from, c.executable().outputs.find(output, "output"));
    RLX_ASSIGN(const size_t to, c.executable().inputs.find(input, "input"));
    const TensorType &source = c.outputs[from].type, &target = c.inputs[to].type;
    if (source != target)
      return error(Code::kInvalidArgument, "feed: output '" + std::string(output) + "' is " + to_string(source) +
                                               ", input '" + std::string(input) + "' is " + to_string(target));
    for (const Feed& f : c.feeds)
      if (f.input == to)
        return error(Code::kAlreadyExists, "feed: input '" + std::string(input) + "' is fed from output '" +
                                               c.executable().outputs.ports[f.output].name + "' already");
    // The copy goes to the arena, so the caller's memory must not be in its place.
    if (c.inputs[to].data) RLX_TRY(c.bind_input(to, {}));
    c.feeds.push_back({from, to});
    return {};
  });
}

}  // namespace rlx
