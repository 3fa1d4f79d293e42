// The C API: sessions, executables and contexts.
#include "runtime/capi.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

using namespace rlx;
using capi::null_argument;
using plugin::answer;

struct rlx_session {
  Session session;
};

struct rlx_host_executable {
  Executable executable;
};

struct rlx_host_context {
  Context context;
  // Reused by rlx_host_context_call, so that it does not allocate.
  std::vector<TensorView> inputs;
  std::vector<MutableTensorView> outputs;
  std::atomic<bool> calling = false;
};

struct rlx_pending {
  Pending pending;
};

namespace {

const std::vector<Port>* ports_of(const rlx_host_executable* executable, uint32_t kind) {
  if (!executable) return nullptr;
  switch (kind) {
    case RLX_PORT_INPUT:
      return &executable->executable.inputs();
    case RLX_PORT_OUTPUT:
      return &executable->executable.outputs();
    case RLX_PORT_PARAM:
      return &executable->executable.params();
    case RLX_PORT_STATE:
      return &executable->executable.states();
    default:
      return nullptr;
  }
}

}  // namespace

rlx_status* rlx_session_create(const rlx_registry* registry, const rlx_graph* graph, const rlx_session_options* options,
                               rlx_session** out_session) {
  return answer([&]() -> Status {
    if (!registry || !graph || !out_session) return null_argument("rlx_session_create");
    rlx_session_options given{};
    if (options) std::memcpy(&given, options, std::min<size_t>(options->struct_size, sizeof given));
    SessionOptions chosen;
    if (given.device) chosen.device = given.device;
    if (given.fallback) chosen.fallback = given.fallback;
    if (given.group) chosen.group = given.group->group;
    chosen.compile.threads = given.threads;
    RLX_ASSIGN(Session session, Session::create(registry->registry, graph->graph, std::move(chosen)));
    *out_session = new rlx_session{std::move(session)};
    return {};
  });
}

void rlx_session_release(rlx_session* session) {
  delete session;
}

rlx_status* rlx_session_executable(rlx_session* session, const char* const* symbols, const int64_t* values,
                                   uint64_t count, rlx_host_executable** out_executable) {
  return answer([&]() -> Status {
    if (!session || !out_executable || (count && (!symbols || !values))) return null_argument("rlx_session_executable");
    Bindings bindings;
    for (uint64_t i = 0; i < count; ++i) bindings[symbols[i] ? symbols[i] : ""] = values[i];
    RLX_ASSIGN(Executable executable, session->session.executable(bindings));
    *out_executable = new rlx_host_executable{std::move(executable)};
    return {};
  });
}

void rlx_host_executable_release(rlx_host_executable* executable) {
  delete executable;
}

uint64_t rlx_host_executable_port_count(const rlx_host_executable* executable, uint32_t kind) {
  const std::vector<Port>* ports = ports_of(executable, kind);
  return ports ? ports->size() : 0;
}

rlx_status* rlx_host_executable_port(const rlx_host_executable* executable, uint32_t kind, uint64_t index,
                                     rlx_port* out_port) {
  return answer([&]() -> Status {
    if (!executable || !out_port) return null_argument("rlx_host_executable_port");
    const std::vector<Port>* ports = ports_of(executable, kind);
    if (!ports || index >= ports->size())
      return error(Code::kOutOfRange, "port " + std::to_string(index) + " of kind " + std::to_string(kind) +
                                          " out of range: there are " + std::to_string(ports ? ports->size() : 0));
    const Port& port = (*ports)[index];
    rlx_port out{};
    out.name = port.name.c_str();
    out.dtype = static_cast<rlx_dtype>(port.type.dtype);
    out.rank = static_cast<uint32_t>(port.type.shape.rank());
    std::copy(port.type.shape.begin(), port.type.shape.end(), out.dims);
    *out_port = out;
    return {};
  });
}

rlx_status* rlx_host_executable_set_param(rlx_host_executable* executable, const char* name, const rlx_view* value) {
  return answer([&]() -> Status {
    if (!executable || !name) return null_argument("rlx_host_executable_set_param");
    RLX_ASSIGN(const MutableTensorView view, capi::make_view(value));
    return executable->executable.set_param(name, view);
  });
}

rlx_status* rlx_host_executable_create_context(rlx_host_executable* executable, uint32_t threads,
                                               rlx_host_context** out_context) {
  return answer([&]() -> Status {
    if (!executable || !out_context) return null_argument("rlx_host_executable_create_context");
    auto made = std::make_unique<rlx_host_context>();
    RLX_ASSIGN(made->context, executable->executable.create_context({threads}));
    made->inputs.resize(executable->executable.inputs().size());
    made->outputs.resize(executable->executable.outputs().size());
    *out_context = made.release();
    return {};
  });
}

void rlx_host_context_release(rlx_host_context* context) {
  delete context;
}

rlx_status* rlx_host_context_set_input(rlx_host_context* context, uint64_t index, const rlx_view* value) {
  return answer([&]() -> Status {
    if (!context) return null_argument("rlx_host_context_set_input");
    RLX_ASSIGN(const MutableTensorView view, capi::make_view(value));
    return context->context.set_input(static_cast<size_t>(index), view);
  });
}

rlx_status* rlx_host_context_bind_input(rlx_host_context* context, uint64_t index, const rlx_view* value) {
  return answer([&]() -> Status {
    if (!context) return null_argument("rlx_host_context_bind_input");
    if (value && !value->data) return context->context.bind_input(static_cast<size_t>(index), {});
    RLX_ASSIGN(const MutableTensorView view, capi::make_view(value));
    return context->context.bind_input(static_cast<size_t>(index), view);
  });
}

rlx_status* rlx_host_context_bind_output(rlx_host_context* context, uint64_t index, const rlx_view* value) {
  return answer([&]() -> Status {
    if (!context) return null_argument("rlx_host_context_bind_output");
    if (value && !value->data) return context->context.bind_output(static_cast<size_t>(index), {});
    RLX_ASSIGN(const MutableTensorView view, capi::make_view(value));
    return context->context.bind_output(static_cast<size_t>(index), view);
  });
}

rlx_status* rlx_host_context_run(rlx_host_context* context) {
  return answer([&]() -> Status {
    if (!context) return null_argument("rlx_host_context_run");
    return context->context.run();
  });
}

rlx_status* rlx_host_context_call(rlx_host_context* context, const rlx_view* inputs, uint64_t input_count,
                                  const rlx_view* outputs, uint64_t output_count) {
  return answer([&]() -> Status {
    if (!context || (input_count && !inputs) || (output_count && !outputs))
      return null_argument("rlx_host_context_call");
    if (input_count != context->inputs.size() || output_count != context->outputs.size())
      return error(Code::kInvalidArgument, "call: expected " + std::to_string(context->inputs.size()) + " inputs and " +
                                               std::to_string(context->outputs.size()) + " outputs, got " +
                                               std::to_string(input_count) + " and " + std::to_string(output_count));
    // The views are shared by callers of this context, who may be on two threads by mistake.
    if (context->calling.exchange(true, std::memory_order_acquire))
      return error(Code::kBusy, "the context is in use by another thread");
    struct Leave {
      std::atomic<bool>& flag;
      ~Leave() { flag.store(false, std::memory_order_release); }
    } leave{context->calling};
    for (uint64_t i = 0; i < input_count; ++i) {
      RLX_ASSIGN(context->inputs[i], capi::make_view(&inputs[i]));
    }
    for (uint64_t i = 0; i < output_count; ++i) {
      RLX_ASSIGN(context->outputs[i], capi::make_view(&outputs[i]));
    }
    return context->context.run(context->inputs, context->outputs);
  });
}

rlx_status* rlx_host_context_submit(rlx_host_context* context, rlx_pending** out_pending) {
  return answer([&]() -> Status {
    if (!context || !out_pending) return null_argument("rlx_host_context_submit");
    auto made = std::make_unique<rlx_pending>();
    RLX_ASSIGN(made->pending, context->context.submit());
    *out_pending = made.release();
    return {};
  });
}

rlx_status* rlx_host_context_read_output(const rlx_host_context* context, uint64_t index, const rlx_view* dst) {
  return answer([&]() -> Status {
    if (!context) return null_argument("rlx_host_context_read_output");
    RLX_ASSIGN(const MutableTensorView view, capi::make_view(dst));
    return context->context.read_output(static_cast<size_t>(index), view);
  });
}

rlx_status* rlx_host_context_write_state(rlx_host_context* context, const char* name, const rlx_view* value) {
  return answer([&]() -> Status {
    if (!context || !name) return null_argument("rlx_host_context_write_state");
    RLX_ASSIGN(const MutableTensorView view, capi::make_view(value));
    return context->context.write_state(name, view);
  });
}

rlx_status* rlx_host_context_read_state(const rlx_host_context* context, const char* name, const rlx_view* dst) {
  return answer([&]() -> Status {
    if (!context || !name) return null_argument("rlx_host_context_read_state");
    RLX_ASSIGN(const MutableTensorView view, capi::make_view(dst));
    RLX_ASSIGN(const Tensor value, context->context.read_state(name));
    if (view.type != value.type() || view.bytes != value.bytes())
      return error(Code::kInvalidArgument, "state '" + std::string(name) + "': expected " + to_string(value.type()) +
                                               ", got " + to_string(view.type));
    if (view.bytes) std::memcpy(view.data, value.data(), view.bytes);
    return {};
  });
}

rlx_status* rlx_host_context_reset_state(rlx_host_context* context) {
  return answer([&]() -> Status {
    if (!context) return null_argument("rlx_host_context_reset_state");
    return context->context.reset_state();
  });
}

rlx_status* rlx_host_context_feed(rlx_host_context* context, const char* output, const char* input) {
  return answer([&]() -> Status {
    if (!context || !output || !input) return null_argument("rlx_host_context_feed");
    return context->context.feed(output, input);
  });
}

rlx_status* rlx_pending_wait(rlx_pending* pending, uint64_t deadline_ns) {
  return answer([&]() -> Status {
    if (!pending) return null_argument("rlx_pending_wait");
    constexpr auto kLongest = static_cast<uint64_t>(std::chrono::nanoseconds::max().count());
    return pending->pending.wait(std::chrono::nanoseconds(std::min(deadline_ns, kLongest)));
  });
}

void rlx_pending_release(rlx_pending* pending) {
  delete pending;
}
