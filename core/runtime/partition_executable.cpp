// Parameters and figures of a partition: each segment has its own, the caller sees one program.
#include "plugin/abi_call.hpp"
#include "runtime/partition_parts.hpp"

namespace rlx {

Status PartitionExecutable::set_param(std::string_view name, rlx_dtype dtype, const void* src, uint64_t bytes) {
  for (size_t i = 0; i < segments.size(); ++i) {
    for (const Port& port : segments[i]->params.ports) {
      if (port.name != name) continue;
      const TensorView value{{static_cast<DType>(dtype), port.type.shape}, src, static_cast<size_t>(bytes)};
      const Status set = segments[i]->set_param(name, value);
      if (!set) return with_context(set.error(), label(i));
    }
  }
  const auto it = missing.find(name);
  if (it != missing.end()) missing.erase(it);
  return {};
}

Status PartitionExecutable::finalize() {
  if (!missing.empty()) {
    std::string names;
    for (const std::string& name : missing) names += (names.empty() ? "'" : ", '") + name + "'";
    return error(Code::kFailedPrecondition, "parameters without a value: " + names);
  }
  for (size_t i = 0; i < segments.size(); ++i) {
    const Status done = segments[i]->finalize();
    if (!done) return with_context(done.error(), label(i));
  }
  return {};
}

Status PartitionExecutable::stats(rlx_executable_stats& out) const {
  for (const std::shared_ptr<ExecutableImpl>& segment : segments) {
    const CompileReport& report = segment->report();
    out.weight_bytes += report.weight_bytes;
    out.arena_bytes += report.arena_bytes;
    out.arena_lower_bound += report.arena_lower_bound;
    out.kernel_count += report.kernel_count;
    out.operand_bytes += report.operand_bytes;
    if (!report.ordering) continue;
    out.valid |= RLX_EXECUTABLE_HAS_BARRIERS;
    out.barrier_count += report.ordering->barriers;
    out.dependency_count += report.ordering->dependencies;
  }
  return {};
}

}  // namespace rlx
