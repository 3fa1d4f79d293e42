// From an assigned graph to an executable for each segment.
#include "program/default_plan.hpp"
#include "program/lower.hpp"
#include "program/planner.hpp"
#include "runtime/partition.hpp"
#include "runtime/partition_parts.hpp"

#include <algorithm>

namespace rlx {
namespace {

// Inputs and outputs keep their memory for a whole run, values in between share it.
Status plan_wires(const Partition& partition, PartitionExecutable& out) {
  const auto last = static_cast<uint32_t>(partition.segments.size());
  std::vector<rlx_plan_item> items;
  for (const Wire& wire : partition.wires) {
    const bool made = wire.source.segment != kNoSegment;
    rlx_plan_item item{static_cast<uint64_t>(wire.type.bytes()), made ? wire.source.segment : 0, 0, RLX_NO_INDEX, 0, 0};
    item.last_step = item.first_step;
    for (const SegmentPort& sink : wire.sinks) item.last_step = std::max(item.last_step, sink.segment);
    items.push_back(item);
  }
  for (const std::vector<uint32_t>* interface : {&partition.inputs, &partition.outputs})
    for (uint32_t wire : *interface) items[wire].last_step = last;
  rlx_plan_result result{};
  RLX_TRY(plan_memory(items, kTensorAlign, &result));
  for (const rlx_plan_item& item : items) out.offsets.push_back(item.out_offset_bytes);
  out.host_bytes = result.arena_bytes;
  return {};
}

void describe(const Partition& partition, const PartitionExecutable& parts, CompileReport& report) {
  for (const std::shared_ptr<ExecutableImpl>& part : parts.segments)
    report.segments.push_back({part->device.id(), part->program.nodes().size(), 0, 0});
  for (const Wire& wire : partition.wires) {
    const auto bytes = static_cast<uint64_t>(wire.type.bytes());
    if (wire.source.segment != kNoSegment && !wire.sinks.empty())
      report.segments[wire.source.segment].bytes_out += bytes;
    if (!wire.state.empty()) report.segments[partition.state_home.at(wire.state)].bytes_out += bytes;
    if (wire.source.segment == kNoSegment && wire.state.empty()) continue;
    for (const SegmentPort& sink : wire.sinks) report.segments[sink.segment].bytes_in += bytes;
  }
}

// Which wire or segment stands behind each tensor of the whole program's interface.
void connect(const Program& whole, const Partition& partition, PartitionExecutable& out) {
  for (size_t i = 0; i < partition.inputs.size(); ++i) out.wire_of[whole.inputs()[i].tensor] = partition.inputs[i];
  for (size_t i = 0; i < partition.outputs.size(); ++i) out.wire_of[whole.outputs()[i].tensor] = partition.outputs[i];
  for (const ProgramPort& param : whole.params()) out.missing.insert(param.name);
  for (const ProgramPort& state : whole.states()) {
    const uint32_t home = partition.state_home.at(state.name);
    for (const ProgramPort& there : out.segments[home]->program.states())
      if (there.name == state.name) out.state_of[state.tensor] = {home, there.tensor};
    for (uint32_t w = 0; w < partition.wires.size(); ++w)
      if (partition.wires[w].state == state.name)
        out.fetches.push_back({w, partition.wires[w].sinks.front().segment, out.state_of.at(state.tensor)});
  }
}

}  // namespace

std::string segment_label(size_t index, size_t count, const Device& device) {
  return "segment " + std::to_string(index + 1) + " of " + std::to_string(count) + " on " + device.id();
}

Result<std::shared_ptr<ExecutableImpl>> build_partition(const Assigned& assigned, const BuildRequest& request,
                                                        CompileReport report) {
  std::vector<Device> devices = {request.device};
  devices.insert(devices.end(), request.fallback.begin(), request.fallback.end());
  RLX_ASSIGN(const Partition partition, make_partition(assigned.graph, assigned.devices));

  auto parts = std::make_unique<PartitionExecutable>();
  for (const Partition::Segment& segment : partition.segments) {
    BuildRequest part = request;
    part.device = devices[segment.device];
    auto built = build_for_device(segment.graph, part, {});
    if (!built)
      return with_context(built.error(), segment_label(parts->segments.size(), partition.segments.size(), part.device));
    report.compile_ms += (*built)->report().compile_ms;
    parts->segments.push_back(std::move(*built));
  }
  std::vector<Device> used;
  for (uint32_t d = 0; d < devices.size(); ++d)
    if (std::any_of(partition.segments.begin(), partition.segments.end(), [d](const auto& s) { return s.device == d; }))
      used.push_back(devices[d]);
  RLX_TRY(plan_wires(partition, *parts));
  describe(partition, *parts, report);

  // The whole program is the interface, and what the fingerprint is about; no device ever sees it.
  RLX_ASSIGN(Lowered whole, lower(assigned.graph));
  RLX_TRY(plan_arena(whole.program, {}));
  connect(whole.program, partition, *parts);
  parts->wires = partition.wires;
  auto executable = std::make_shared<ExecutableImpl>(partition_device(used), std::move(whole.program));
  executable->handle = reinterpret_cast<rlx_executable*>(parts.release());
  executable->set_report(std::move(report));
  return executable;
}

}  // namespace rlx
