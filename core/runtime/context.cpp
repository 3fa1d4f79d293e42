// Creating and running contexts. Inputs and outputs are in io.cpp, states in state.cpp.
#include "runtime/context.hpp"

#include "plugin/abi_call.hpp"

#include <rlx/guard.hpp>

#include <algorithm>
#include <chrono>

namespace rlx {

namespace {

std::vector<Slot> make_slots(const PortList& list) {
  std::vector<Slot> slots(list.size());
  for (size_t i = 0; i < slots.size(); ++i) {
    slots[i].tensor = list.tensors[i];
    slots[i].type = list.ports[i].type;
    slots[i].bytes = static_cast<size_t>(slots[i].type.bytes());
    slots[i].is_set = slots[i].bytes == 0;
  }
  return slots;
}

// Positional calls end here when nothing changed since the last one.
template <typename View>
bool is_bound(const Slot& slot, const View& view) {
  return view.data == slot.data && slot.data && view.bytes == slot.bytes && view.type == slot.type;
}

// What is copied around a run for devices that cannot use the caller's memory.
uint64_t staged_bytes(const std::vector<Slot>& slots) {
  uint64_t bytes = 0;
  for (const Slot& slot : slots) bytes += slot.data ? slot.bytes : 0;
  return bytes;
}

Status check_count(size_t got, const PortList& list, std::string_view kind) {
  if (got == list.size()) return {};
  return error(Code::kInvalidArgument, "run: expected " + std::to_string(list.size()) + " " + std::string(kind) +
                                           "s, got " + std::to_string(got));
}

}  // namespace

tl::unexpected<Error> busy_error() {
  return error(Code::kBusy, "the context is in use by another thread or a run in flight",
               "give each thread a context of its own");
}

ContextCore::~ContextCore() {
  if (handle) plugin::call_quietly(plugin().executable_table.release_context, handle);
}

Result<std::unique_ptr<ContextImpl>> ContextImpl::create(std::shared_ptr<ExecutableImpl> executable,
                                                         const ContextOptions& options) {
  auto impl = std::make_unique<ContextImpl>();
  impl->core = std::make_shared<ContextCore>(std::move(executable));
  ContextCore& core = *impl->core;
  rlx_context_options abi_options{};
  abi_options.struct_size = sizeof abi_options;
  abi_options.threads = options.threads;
  const rlx_executable_table_v1& table = core.plugin().executable_table;
  RLX_TRY(plugin::call("create_context", table.create_context, core.executable->handle, &abi_options, &core.handle));
  core.arena = table.arena(core.handle);
  impl->inputs = make_slots(core.executable->inputs);
  impl->outputs = make_slots(core.executable->outputs);
  impl->own_outputs.resize(impl->outputs.size());
  impl->host_pointers = core.executable->device.info().host_pointers;
  return impl;
}

Status ContextImpl::run() {
  RLX_TRY(check_inputs());
  if (has_staging) RLX_TRY(before_run());
  core->has_run = false;
  RLX_TRY(plugin::call("run", plugin().executable_table.run, core->handle));
  core->has_run = true;
  if (has_staging || !feeds.empty()) RLX_TRY(after_run());
  return {};
}

Result<std::vector<KernelTime>> ContextImpl::profile() {
  using Clock = std::chrono::steady_clock;
  const auto ns_since = [](Clock::time_point begin) {
    return static_cast<uint64_t>(std::chrono::nanoseconds(Clock::now() - begin).count());
  };
  RLX_TRY(check_inputs());
  std::vector<KernelTime> out;
  auto begin = Clock::now();
  if (has_staging) {
    RLX_TRY(before_run());
    out.push_back({"transfer", {}, "to the device", ns_since(begin), staged_bytes(inputs)});
  }
  // A second call for the true count would run the program again.
  const uint64_t kernels = std::max<uint64_t>(executable().report().kernel_count, executable().program.nodes().size());
  std::vector<rlx_kernel_time> times(kernels * 2 + 16);
  uint64_t count = 0;
  core->has_run = false;
  RLX_TRY(plugin::call("profile", plugin().executable_table.profile, core->handle, uint64_t{times.size()},
                       uint64_t{sizeof times[0]}, times.data(), &count));
  core->has_run = true;
  begin = Clock::now();
  if (has_staging || !feeds.empty()) RLX_TRY(after_run());
  const uint64_t after_ns = ns_since(begin);
  const auto text = [](rlx_str s) { return s.size ? std::string(s.data, s.size) : std::string(); };
  for (size_t i = 0; i < std::min<uint64_t>(count, times.size()); ++i)
    out.push_back(
        {text(times[i].op), text(times[i].node), text(times[i].kernel), times[i].time_ns, times[i].operand_bytes});
  if (has_staging) out.push_back({"transfer", {}, "from the device", after_ns, staged_bytes(outputs)});
  return out;
}

Context::Context() = default;
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;
Context::~Context() = default;

Status Context::run() {
  return exclusively(*impl_, [&] { return impl_->run(); });
}

Status Context::run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs) {
  ContextImpl& c = *impl_;
  return exclusively(c, [&]() -> Status {
    RLX_TRY(check_count(inputs.size(), c.executable().inputs, "input"));
    RLX_TRY(check_count(outputs.size(), c.executable().outputs, "output"));
    for (size_t i = 0; i < inputs.size(); ++i)
      if (!is_bound(c.inputs[i], inputs[i])) RLX_TRY(c.bind_input(i, inputs[i]));
    for (size_t i = 0; i < outputs.size(); ++i)
      if (!is_bound(c.outputs[i], outputs[i])) RLX_TRY(c.bind_output(i, outputs[i]));
    return c.run();
  });
}

Result<Pending> Context::submit() {
  ContextImpl& c = *impl_;
  Acquired acquired(*c.core);
  if (!acquired) return busy_error();
  return guarded([&]() -> Result<Pending> {
    RLX_TRY(c.check_inputs());
    Pending pending;
    pending.state_ = std::make_shared<Pending::State>();
    // Copies around the run need a thread of the host's.
    if (c.plugin_submits && !c.has_staging && c.feeds.empty()) {
      std::lock_guard lock(c.core->wait_mutex);
      rlx_point end{};
      const Status started =
          plugin::call("submit", c.plugin().executable_table.submit, c.core->handle, nullptr, uint64_t{0}, &end);
      if (started) {
        c.core->has_run = false;  // until collect() knows better
        c.core->in_flight = true;
        c.core->end = end;
        c.core->waiter = pending.state_;
        pending.state_->core = c.core;
        acquired.hand_over();
        return pending;
      }
      if (started.error().code != Code::kUnimplemented) return tl::unexpected<Error>(started.error());
      c.plugin_submits = false;
    }
    if (!c.worker) c.worker = std::make_unique<Worker>();
    c.worker->start([&c, state = pending.state_] {
      Status result = guarded([&]() -> Status { return c.run(); });
      c.core->release();
      state->finish(std::move(result));
    });
    acquired.hand_over();
    return pending;
  });
}

Result<ArenaStats> Context::arena_stats() const {
  rlx_arena_stats s{};
  s.struct_size = sizeof s;
  RLX_TRY(exclusively(
      *impl_, [&] { return plugin::call("stats", impl_->plugin().arena_table.stats, impl_->core->arena, &s); }));
  ArenaStats out;
  out.size = s.size;
  out.scratch = s.scratch;
  if (s.valid & RLX_ARENA_HAS_LOWER_BOUND) out.lower_bound = s.lower_bound;
  if (s.valid & RLX_ARENA_HAS_IN_USE) out.pool_in_use = s.pool_in_use;
  if (s.valid & RLX_ARENA_HAS_RESERVED) out.pool_reserved = s.pool_reserved;
  if (s.valid & RLX_ARENA_HAS_PEAK) out.pool_peak = s.pool_peak;
  if (s.valid & RLX_ARENA_HAS_POOL) {
    out.pool_cap = s.pool_cap;
    out.pool_hits = s.pool_hits;
    out.pool_misses = s.pool_misses;
  }
  return out;
}

Result<std::vector<KernelTime>> Context::profile() {
  return exclusively(*impl_, [&] { return impl_->profile(); });
}

}  // namespace rlx
