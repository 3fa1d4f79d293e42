// Parameters in, weights packed, contexts out.
#include "runtime/executable.hpp"

#include "plugin/abi_call.hpp"
#include "runtime/context.hpp"

#include <rlx/guard.hpp>

#include <cstdio>

namespace rlx {

PortList::PortList(const std::vector<ProgramPort>& from) {
  for (const ProgramPort& p : from) {
    ports.push_back({p.name, p.type});
    tensors.push_back(p.tensor);
  }
}

Result<size_t> PortList::find(std::string_view name, std::string_view kind) const {
  for (size_t i = 0; i < ports.size(); ++i)
    if (ports[i].name == name) return i;
  std::string known;
  for (const Port& p : ports) known += (known.empty() ? "" : ", ") + p.name;
  return error(Code::kNotFound, std::string(kind) + " '" + std::string(name) + "' does not exist; " +
                                    (known.empty() ? "the program has none" : "known: " + known));
}

Status check_index(size_t index, const PortList& list, std::string_view kind) {
  if (index < list.size()) return {};
  return error(Code::kOutOfRange, std::string(kind) + " " + std::to_string(index) + " out of range: the program has " +
                                      std::to_string(list.size()));
}

Status check_view(const Port& port, std::string_view kind, const TensorType& got, const void* data, size_t bytes,
                  bool exact) {
  const auto fail = [&](const std::string& why) {
    return error(Code::kInvalidArgument, std::string(kind) + " '" + port.name + "': " + why);
  };
  if (got.shape != port.type.shape || (exact && got.dtype != port.type.dtype))
    return fail("expected " + to_string(port.type) + ", got " + to_string(got));
  if (!is_valid(got.dtype))
    return fail("dtype " + std::to_string(static_cast<uint32_t>(got.dtype)) + " does not exist");
  const auto expected = static_cast<size_t>(got.bytes());
  if (bytes != expected)
    return fail(to_string(got) + " has " + std::to_string(expected) + " bytes, got " + std::to_string(bytes));
  if (!data && expected) return fail("no data");
  if (exact && reinterpret_cast<uintptr_t>(data) % size_of(got.dtype) != 0)
    return fail("memory to bind has to be aligned to the " + std::to_string(size_of(got.dtype)) + " bytes of " +
                std::string(name_of(got.dtype)) + "; copy it with set_input or read_output instead");
  return {};
}

ExecutableImpl::ExecutableImpl(Device d, Program p, Progress progress)
    : device(std::move(d)),
      program(std::move(p)),
      inputs(program.inputs()),
      outputs(program.outputs()),
      params(program.params()),
      states(program.states()),
      progress_(std::move(progress)) {
  extension_.ext.struct_size = sizeof extension_;
  extension_.ext.type = RLX_EXT_PROGRESS;
  extension_.arg = this;
  extension_.step = step;
}

ExecutableImpl::~ExecutableImpl() {
  if (handle) plugin::call_quietly(plugin().executable_table.release, handle);
}

// A caller's exception ends here: it must not cross the plugin.
void ExecutableImpl::step(void* self, rlx_str phase, uint64_t done, uint64_t total) {
  try {
    static_cast<ExecutableImpl*>(self)->progress_({phase.data ? phase.data : "", phase.size}, done, total);
  } catch (...) {
  }
}

Status ExecutableImpl::set_param(std::string_view name, const TensorView& value) {
  RLX_ASSIGN(const size_t index, params.find(name, "parameter"));
  RLX_TRY(check_view(params.ports[index], "parameter", value.type, value.data, value.bytes, false));
  std::lock_guard lock(mutex_);
  if (finalized_)
    return error(Code::kFailedPrecondition, "parameter '" + std::string(name) + "': the weights are packed already",
                 "set parameters before the first context");
  return plugin::call("set_param", plugin().executable_table.set_param, handle, rlx_str{name.data(), name.size()},
                      static_cast<rlx_dtype>(value.type.dtype), value.data, uint64_t{value.bytes});
}

Status ExecutableImpl::finalize() {
  if (finalized_) return {};
  std::lock_guard lock(mutex_);
  if (finalized_) return {};
  packed_report_ = compile_report_;
  RLX_TRY(plugin::call("finalize", plugin().executable_table.finalize, handle));
  program.release_data();
  read_stats(packed_report_);
  finalized_ = true;
  return {};
}

// A report without the plugin's figures is no reason to fail, least of all after the weights were packed.
void ExecutableImpl::read_stats(CompileReport& report) const {
  rlx_executable_stats stats{};
  stats.struct_size = sizeof stats;
  if (!plugin::call("stats", plugin().executable_table.stats, handle, &stats)) return;
  report.weight_bytes = stats.weight_bytes;
  report.arena_bytes = stats.arena_bytes;
  report.arena_lower_bound = stats.arena_lower_bound;
  report.kernel_count = stats.kernel_count;
  report.operand_bytes = stats.operand_bytes;
  if (stats.valid & RLX_EXECUTABLE_HAS_BARRIERS) report.ordering = {stats.barrier_count, stats.dependency_count};
}

const std::vector<Port>& Executable::inputs() const {
  return impl_->inputs.ports;
}
const std::vector<Port>& Executable::outputs() const {
  return impl_->outputs.ports;
}
const std::vector<Port>& Executable::params() const {
  return impl_->params.ports;
}
const std::vector<Port>& Executable::states() const {
  return impl_->states.ports;
}
const CompileReport& Executable::report() const {
  return impl_->report();
}
const Device& Executable::device() const {
  return impl_->device;
}

Status Executable::set_param(std::string_view name, const TensorView& value) {
  return guarded([&]() -> Status { return impl_->set_param(name, value); });
}

Status Executable::finalize() {
  return guarded([&]() -> Status { return impl_->finalize(); });
}

Result<Context> Executable::create_context(const ContextOptions& options) const {
  return guarded([&]() -> Result<Context> {
    RLX_TRY(impl_->finalize());
    RLX_ASSIGN(std::unique_ptr<ContextImpl> made, ContextImpl::create(impl_, options));
    Context context;
    context.impl_ = std::move(made);
    return context;
  });
}

std::string Executable::fingerprint() const {
  const std::array<uint64_t, 2> hash = impl_->program.fingerprint();
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash[0]),
                static_cast<unsigned long long>(hash[1]));
  return text;
}

}  // namespace rlx
